import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { MACHINE_ID } from "../../contract/address.ts";
import { type Computer, thisComputer } from "../disk/computer-id.ts";
import type { Paths } from "../disk/paths.ts";
import { namesIn, numberField, readPrivateJson, recordOf, textField } from "../disk/private-file.ts";
import { changeUnderLock } from "../disk/short-lock.ts";
import { machineFromHost } from "./identity.ts";

/**
 * Identifies this computer among those with the same machine name. Its file is tied to the computer and to the disk: a
 * computer that got a copy of the files, or that shares a network home, makes its own.
 */
export interface Installation {
  /** 8 hexadecimal digits. */
  readonly id: string;
  /** This machine's milliseconds since 1970. */
  readonly createdAt: number;
  /** The machine's name from the host name at that time. It stays, whatever the host is called later. */
  readonly name: string;
  /** Whether the files here were copied from another computer or folder. */
  readonly isCopy: boolean;
}

type InstallationPaths = Pick<Paths, "installation">;

/** Creates the installation on first use. @returns null if it does not exist and cannot be written */
export function readInstallation(
  paths: InstallationPaths,
  now: number = Date.now(),
  computer: Computer = thisComputer(),
): Installation | null {
  return presentInstallation(paths, computer) ?? create(paths, now, computer);
}

/** The installation, if this computer has made one. */
export function presentInstallation(
  { installation }: InstallationPaths,
  computer: Computer = thisComputer(),
): Installation | null {
  const file = fileOf(installation, computer);
  const found = parse(readPrivateJson(file), computer);
  return found !== null && found.inode === inodeOf(file) ? found : null;
}

function parse(file: unknown, { host }: Computer): (Installation & { readonly inode: string | null }) | null {
  const id = textField(file, "id");
  const createdAt = numberField(file, "createdAt");
  if (id === undefined || !/^[0-9a-f]{8}$/.test(id) || createdAt === undefined) return null;
  const written = textField(file, "name") ?? "";
  const name = MACHINE_ID.test(written) ? written : machineFromHost(host);
  return { id, createdAt, name, isCopy: recordOf(file)?.isCopy === true, inode: textField(file, "inode") ?? null };
}

/** Each computer has a file of its own, because several may share a home. Systems without a readable id share one. */
function fileOf(installation: string, { id }: Computer): string {
  return id === null ? installation : installation.replace(/\.json$/, `.${id}.json`);
}

/** A copy of the file has another one. */
function inodeOf(file: string): string | null {
  try {
    return String(statSync(file, { bigint: true }).ino);
  } catch {
    return null;
  }
}

/** Sessions that start at the same time must agree, so the first file is kept, and it appears complete. */
function create(paths: InstallationPaths, now: number, computer: Computer): Installation | null {
  const file = fileOf(paths.installation, computer);
  const draft = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(draft, "wx", 0o600);
    try {
      const inode = String(fstatSync(handle, { bigint: true }).ino);
      writeFileSync(handle, JSON.stringify({ v: 1, ...firstContent(paths, now, computer), inode }));
    } finally {
      closeSync(handle);
    }
    // Unlike a rename, a link does not replace a file: that of another session, which was first, or one that is of no use.
    if (existsSync(file)) replaceUseless(file, draft, () => presentInstallation(paths, computer) !== null);
    else linkSync(draft, file);
  } catch {
    // another session was first, or the disk cannot be written
  }
  if (existsSync(draft)) rmSync(draft, { force: true });
  return presentInstallation(paths, computer);
}

/** Replaces a copy or a damaged file. One process at a time: a second one would remove the first one's new file. */
function replaceUseless(file: string, draft: string, isUseful: () => boolean): void {
  changeUnderLock(`${file}.lock`, isUseful, (isDone, mayReplace) => {
    if (isDone) return true;
    if (!mayReplace()) return false;
    rmSync(file, { force: true });
    linkSync(draft, file);
    return true;
  });
}

function firstContent({ installation }: InstallationPaths, now: number, computer: Computer): Installation {
  const ofOthers = namesIn(dirname(installation), /^installation\.[0-9a-f]{8}\.json$/);
  const earlier = parse(
    readPrivateJson(ofOthers.length === 0 ? installation : fileOf(installation, computer)),
    computer,
  );
  // Photon 0.6.0 tied its file to nothing.
  if (earlier !== null && earlier.inode === null) return { ...earlier, name: machineFromHost(computer.host) };
  const isCopy = earlier !== null || ofOthers.length > 0;
  // A file of this very computer was restored from a backup, so its name stays.
  const kept = computer.id !== null && ofOthers.length > 0 ? earlier?.name : undefined;
  const name = kept ?? machineFromHost(computer.host);
  return { id: randomBytes(4).toString("hex"), createdAt: now, name, isCopy };
}
