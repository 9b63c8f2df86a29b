import {
  accessSync,
  appendFileSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../../client/disk/disk-error.ts";
import { findOnPath, foldersOnPath } from "../../client/disk/find-on-path.ts";

/** How a shell can find `photon` by its name. */
export interface WayToPath {
  /** What a person can run for the shell that is open. */
  readonly line: string;
  /** Another program of this name, which is found first. */
  readonly hiddenBy: string | null;
  /** What Photon itself can do: a link in a folder that is on the PATH, or the line in the shell's profile. */
  readonly offer: Offer | null;
}

export interface Offer {
  readonly kind: "link" | "profile";
  readonly file: string;
}

export interface Shell {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/**
 * @param bin - the folder with the launcher
 * @returns null if the launcher is found already, or if its folder has a name that no line could hold
 */
export function wayToPath(bin: string, { env, home, platform }: Shell): WayToPath | null {
  const name = platform === "win32" ? "photon.cmd" : "photon";
  const first = findOnPath(name, env, platform);
  if (/\p{Cc}/u.test(bin) || (first !== null && isSameFile(first, join(bin, name)))) return null;
  const line = lineFor(bin, first !== null, shellName(env), platform);
  if (platform === "win32") return { line, hiddenBy: first, offer: null };
  const linkFolder = OWN_FOLDERS.map((each) => join(home, each)).find((each) =>
    foldersOnPath(env, platform).includes(each),
  );
  const link = linkFolder === undefined ? null : join(linkFolder, name);
  // Behind another program of this name, a link would not be found.
  if (first === null && link !== null && !isTaken(link) && canWrite(link))
    return { line, hiddenBy: null, offer: { kind: "link", file: link } };
  const file = profileOf(home, env, platform);
  const isUseful = file !== null && !hasLine(file, line) && canWrite(file);
  return { line, hiddenBy: first, offer: isUseful ? { kind: "profile", file } : null };
}

/** Also by a link that leads nowhere. */
function isTaken(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Does what a way offers.
 *
 * @returns why it failed, or null
 */
export function putOnPath({ line, offer }: WayToPath, bin: string): string | null {
  if (offer === null) return null;
  try {
    mkdirSync(dirname(offer.file), { recursive: true });
    if (offer.kind === "link") symlinkSync(join(bin, "photon"), offer.file);
    else addLine(offer.file, line);
    return null;
  } catch (error) {
    return `${offer.file} cannot be written (${errorCode(error)}).`;
  }
}

function addLine(file: string, line: string): void {
  const present = textOf(file);
  appendFileSync(file, `${present === "" || present.endsWith("\n") ? "" : "\n"}${line}\n`);
}

/** Then new shells find it already, and only this one does not. */
function hasLine(file: string, line: string): boolean {
  return textOf(file).split(/\r?\n/).includes(line);
}

/** What makes `photon` a command, if Photon or the person put it there: a link, or a line in a shell's profile. */
export function onPath(
  bin: string,
  { env, home, platform }: Shell,
): { link: string } | { file: string; line: string } | null {
  if (platform === "win32") return null;
  const links = OWN_FOLDERS.map((each) => join(home, each, "photon"));
  const link = links.find((each) => existsSync(each) && isSameFile(each, join(bin, "photon")));
  if (link !== undefined) return { link };
  const file = profileOf(home, env, platform);
  const lines = [false, true].map((isHidden) => lineFor(bin, isHidden, shellName(env), platform));
  const line = file === null ? undefined : lines.find((each) => hasLine(file, each));
  return file === null || line === undefined ? null : { file, line };
}

/** Empty if the file is missing or unreadable. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Folders for a person's own programs that systems commonly put on the PATH. */
const OWN_FOLDERS = [".local/bin", "bin"];

/** The last folder on the PATH, so that Photon hides no other program; but the first if it would be hidden itself. */
function lineFor(bin: string, isHidden: boolean, shell: string, platform: NodeJS.Platform): string {
  if (platform === "win32") {
    const [folder, path] = [`'${bin.replaceAll("'", "''")}'`, "[Environment]::GetEnvironmentVariable('Path', 'User')"];
    const parts = isHidden ? `${folder} + ';' + ${path}` : `${path} + ';' + ${folder}`;
    return `[Environment]::SetEnvironmentVariable('Path', ${parts}, 'User')`;
  }
  if (shell === "fish") {
    const folder = /^[\w@%+,./-]+$/.test(bin) ? bin : `'${bin.replaceAll(/[\\']/g, "\\$&")}'`;
    return `fish_add_path ${isHidden ? "--prepend --move" : "--append"} ${folder}`;
  }
  const folder = bin.replaceAll(/["$`\\]/g, "\\$&");
  if (bin.includes(":")) return `alias photon='${join(bin, "photon").replaceAll("'", "'\\''")}'`; // no PATH can hold it
  if (/^t?csh$/.test(shell)) return isHidden ? `setenv PATH "${folder}:$PATH"` : `setenv PATH "\${PATH}:${folder}"`;
  return isHidden ? `export PATH="${folder}:$PATH"` : `export PATH="$PATH:${folder}"`;
}

/** The file that each new shell of this person reads; null for a shell that is not known here. */
function profileOf(home: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  switch (shellName(env)) {
    case "zsh":
      return join(env.ZDOTDIR || home, ".zshrc");
    case "fish":
      return join(env.XDG_CONFIG_HOME || join(home, ".config"), "fish", "config.fish");
    case "bash": {
      if (platform !== "darwin") return join(home, ".bashrc");
      // macOS opens login shells. They read only the first of these files, so a new one would switch the others off.
      const files = [".bash_profile", ".bash_login", ".profile"].map((name) => join(home, name));
      return files.find((file) => existsSync(file)) ?? files[0] ?? null;
    }
    case "sh":
    case "dash":
    case "ksh":
    case "":
      return join(home, ".profile");
    default:
      return null;
  }
}

function shellName({ SHELL }: NodeJS.ProcessEnv): string {
  return basename(SHELL ?? "");
}

/** Whether the file, or the nearest existing folder above it, can be written. */
function canWrite(path: string): boolean {
  if (!existsSync(path)) return dirname(path) !== path && canWrite(dirname(path));
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
