import type { ChangesSince } from "../git/changes-since.ts";
import { code, fitting } from "../markdown.ts";
import type { ChangedFile, TranscriptFacts } from "../transcript/transcript-facts.ts";
import { shownPath } from "./shown-path.ts";

/** A changed file as the page names it. */
export interface PageFile {
  readonly name: string;
  readonly change: string;
}

const MAX_NAME_CHARS = 70;
const MAX_PART_CHARS = 40;
const MAX_NAMES_IN_FOLDER = 4;

/**
 * The files that the session changed, newest first: those that its calls name, then what git says has changed since it
 * began. Git's word counts for how a file changed.
 *
 * @param roots - different paths of the project
 */
export function changedFiles(
  { files }: TranscriptFacts,
  since: ChangesSince | null,
  roots: readonly string[],
  home: string,
): PageFile[] {
  const byGit = new Map(since?.files.map(({ path, change }) => [path, change]) ?? []);
  const paths = currentPaths(files);
  const named = files.map((file, at) => {
    const name = shownPath(paths[at] ?? file.path, roots, home);
    const from = file.from === undefined ? undefined : shownPath(file.from, roots, home);
    return { name, from, change: changeText(file, byGit.get(name), from) };
  });
  const known = new Set(named.flatMap(({ name, from }) => [name, from]));
  const others = [...byGit].filter(
    ([path]) => !known.has(path) && !(path.endsWith("/") && named.some(({ name }) => `${name}/`.startsWith(path))),
  );
  return [
    ...named.reverse(),
    ...others.map(([name, change]) => ({ name, change: change === "created" ? "new" : change })),
  ];
}

/** More moves of folders are not followed. */
const MAX_MOVES = 50;

/** Where each file is now, also if a later command moved the folder that it was in. */
function currentPaths(files: TranscriptFacts["files"]): string[] {
  const moves = files.flatMap(({ path, from }, at) =>
    from === undefined ? [] : [{ at, from: `${from}/`, to: `${path}/` }],
  );
  return files.map(({ path }, at) =>
    moves
      .slice(-MAX_MOVES)
      .reduce(
        (now, move) => (move.at > at && now.startsWith(move.from) ? move.to + now.slice(move.from.length) : now),
        path,
      ),
  );
}

function changeText(
  { change, added, removed, part, isUnsure }: ChangedFile,
  git: string | undefined,
  from: string | undefined,
): string {
  const sure =
    from === undefined
      ? isUnsure && git === undefined
        ? "deleted, if it was there"
        : (git ?? change)
      : `moved from ${code(shortName(from), MAX_NAME_CHARS)}`;
  const lines = added === undefined || removed === undefined ? "" : `, +${added} −${removed}`;
  return `${sure}${lines}${part === undefined || part.length > MAX_PART_CHARS ? "" : `, ${code(part, MAX_PART_CHARS)}`}`;
}

/**
 * One line for each file; for each folder, if that shows more of them.
 *
 * @param older - how many more there are
 * @returns the lines that fit into a number of UTF-16 code units
 */
export function fileLines(files: readonly PageFile[], older = 0): (maxChars: number) => string[] {
  const near = files.slice(0, MAX_LISTED);
  const total = files.length + older;
  const lines = linesOf(near);
  const folders = byFolder(near);
  return (maxChars) => {
    const shown = fitting(lines, "\n", maxChars);
    if (shown.length === total) return lines;
    const groups = fitting(
      folders.map(({ line }) => line),
      "\n",
      maxChars,
    );
    const inGroups = folders.slice(0, groups.length).reduce((sum, { count }) => sum + count, 0);
    const [best, count] = folders.length === 1 || inGroups <= shown.length ? [shown, shown.length] : [groups, inGroups];
    return count < total ? [...best, `- and ${total - count} more`] : best;
  };
}

/** More never fit. */
const MAX_LISTED = 300;

function linesOf(files: readonly PageFile[]): string[] {
  const short = files.map(({ name }) => shortName(name));
  const counts = new Map<string, number>();
  for (const name of short) counts.set(name, (counts.get(name) ?? 0) + 1);
  return files.map(({ name, change }, at) => {
    // Two files must not read the same.
    const shown =
      counts.get(short[at] ?? "") === 1 ? code(short[at] ?? "", MAX_NAME_CHARS) : code(name, 2 * MAX_NAME_CHARS);
    return `- ${shown} (${change})`;
  });
}

function byFolder(files: readonly PageFile[]): { line: string; count: number }[] {
  const folders = new Map<string, PageFile[]>();
  for (const file of files) {
    const folder = file.name.slice(0, file.name.lastIndexOf("/", file.name.length - 2) + 1) || "./";
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders].map(([folder, inside]) => {
    const names = inside.map(({ name }) => code(name.slice(folder === "./" ? 0 : folder.length), 40));
    const [only] = names;
    const shown = names.slice(0, MAX_NAMES_IN_FOLDER).join(", ");
    const left = names.length - MAX_NAMES_IN_FOLDER;
    const all =
      names.length === 1 ? `${only} (${inside[0]?.change})` : `${shown}${left > 0 ? ` and ${left} more` : ""}`;
    return { line: `- ${code(shortName(folder), MAX_NAME_CHARS)}: ${all}`, count: inside.length };
  });
}

/** A long path without folders in its middle: its beginning tells work trees apart, its end the files. */
function shortName(name: string): string {
  if (name.length <= MAX_NAME_CHARS) return name;
  const parts = name.split("/");
  const head = parts.slice(0, parts[0] === "~" || parts[0] === "" ? 2 : 1);
  let tail: string[] = [];
  for (const part of parts.slice(head.length).reverse()) {
    if ([...head, "…", part, ...tail].join("/").length > MAX_NAME_CHARS && tail.length > 0) break;
    tail = [part, ...tail];
  }
  return [...head, "…", ...tail].join("/");
}
