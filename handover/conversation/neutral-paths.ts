import { realpathSync } from "node:fs";

/** The folders of one machine. */
export interface MachinePaths {
  /** The session's folder: the root of its work tree, or any folder that is in no repository. */
  readonly folder: string;
  readonly home: string;
}

/** Stand for a machine's folders in a conversation on its way. No keyboard writes these characters. */
const FOLDER = "\uE9F0f\uE9F1";
const HOME = "\uE9F0h\uE9F1";
const EITHER = new RegExp(`(?:${FOLDER}|${HOME})`, "gu");

/** Names within a path, as long as they have no spaces or signs that may also end a path. */
const NAME = String.raw`[\p{L}\p{N}_.@~+-]+`;

/**
 * Replaces a machine's folders, where texts name them or what is in them. Also in JSON within a text, with its doubled
 * backslashes. Names in the paths are then separated by `/`.
 */
export function toNeutral(paths: MachinePaths): (text: string) => string {
  const rules = [
    ...spellingsOf(paths.folder).map((path) => ({ pattern: pathPattern(path), neutral: FOLDER })),
    ...spellingsOf(paths.home).map((path) => ({ pattern: pathPattern(path), neutral: HOME })),
  ];
  return (text) => {
    let neutralText = text;
    for (const { pattern, neutral } of rules) {
      if (pattern === null) continue;
      const replace = (_: string, rest: string) => `${neutral}${rest.replace(/\\*\/|\\+/g, "/")}`;
      neutralText = neutralText.replace(pattern, replace);
    }
    return neutralText;
  };
}

/** A path may lead through a link; programs name it in both ways. */
function spellingsOf(path: string): string[] {
  try {
    return [...new Set([path, realpathSync(path)])];
  } catch {
    return [path]; // it belongs to another machine, or was removed
  }
}

/** @returns null for a root such as `/`, which would match everything */
function pathPattern(path: string): RegExp | null {
  const isWindows = /^[A-Za-z]:[\\/]/.test(path);
  const names = path.split(isWindows ? /[\\/]+/ : "/").filter((name) => name !== "");
  if (names.length < (isWindows ? 2 : 1)) return null;
  const separator = isWindows ? String.raw`(?:\\{1,4}|/)` : String.raw`\\{0,2}/`;
  const whole = names.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join(separator);
  // Neither the end of another path nor the beginning of a longer name: /home/bob/shop is not in /home/bob/shopping.
  const before = String.raw`(?<![\p{L}\p{N}_.~-])`;
  const after = String.raw`(?![\p{L}\p{N}_~+-]|\.[\p{L}\p{N}_])`;
  const rest = `((?:${separator}${NAME})*)`;
  return new RegExp(`${before}${isWindows ? "" : separator}${whole}${after}${rest}`, isWindows ? "giu" : "gu");
}

/** Puts this machine's folders in. On Windows with `/`, which stays valid in JSON within a text. */
export function fromNeutral({ folder, home }: MachinePaths): (text: string) => string {
  const [here, own] = [folder, home].map((path) => path.replaceAll("\\", "/"));
  return (text) => text.replace(EITHER, (neutral) => (neutral === FOLDER ? here : own) ?? "");
}

/** How many characters longer {@link fromNeutral} makes a text at most. */
export function growthOf(text: string, { folder, home }: MachinePaths): number {
  return (text.match(EITHER)?.length ?? 0) * Math.max(folder.length, home.length);
}

/** A neutral form of a line's working directory, which is never outside the session's folder. */
export function neutralFolder(cwd: string): string {
  const below = cwd.startsWith(`${FOLDER}/`) ? cwd.slice(FOLDER.length) : "";
  return /^(?:\/(?!\.{1,2}(?:\/|$))[^/\\\0]+)*$/.test(below) ? `${FOLDER}${below}` : FOLDER;
}
