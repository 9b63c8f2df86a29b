import { isUtf8 } from "node:buffer";
import { type GitOptions, gitBytes } from "../../client/git/git.ts";

/** A path that differs between two trees. */
export interface ChangedEntry {
  /** Bytes that are not UTF-8 are replaced by U+FFFD. */
  readonly path: string;
  readonly pathBytes: Buffer;
  /** The mode has six digits; all zeros means that the path does not exist on this side. */
  readonly from: { readonly mode: string; readonly object: string };
  readonly to: { readonly mode: string; readonly object: string };
}

export const SUBMODULE = "160000";
export const LINK = "120000";
export const NOTHING = "000000";

/** Splits the output of a git command with `-z`. */
export function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    parts.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    start = end === -1 ? bytes.length : end + 1;
  }
  return parts;
}

export function hasForeignName({ pathBytes }: Pick<ChangedEntry, "pathBytes">): boolean {
  return !isUtf8(pathBytes);
}

/** A path takes a few hundred bytes, so this is more paths than any work has. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;

/**
 * Every path that differs between two trees or commits, in git's order.
 *
 * @param to - null means the index that the options name
 */
export async function changedEntries(
  root: string,
  from: string,
  to: string | null,
  options: GitOptions = {},
): Promise<ChangedEntry[]> {
  const args = [...difference(from, to), "-r", "-z", "--raw", "--no-renames"];
  return parseRaw(await gitBytes(root, args, { maxOutputBytes: MAX_LIST_BYTES, ...options }));
}

/**
 * Makes a byte-exact patch, regardless of the person's diff settings.
 *
 * @param to - null means the index that the options name
 */
export async function patchBetween(
  root: string,
  from: string,
  to: string | null,
  options: GitOptions,
): Promise<Buffer> {
  const plain = ["--no-color", "--no-renames", "--no-textconv", "--no-ext-diff", "--no-relative", "--unified=3"];
  const prefixes = ["--src-prefix=a/", "--dst-prefix=b/", "--inter-hunk-context=0", "--submodule=short"];
  return gitBytes(root, [...difference(from, to), "-p", "--binary", "--full-index", ...plain, ...prefixes], options);
}

/** Needs no `--end-of-options`: all names are hexadecimal hashes. */
function difference(from: string, to: string | null): string[] {
  return to === null ? ["diff-index", "--cached", from] : ["diff-tree", from, to];
}

/** Parses git's raw diff format with `-z`. For a merge commit, `from` is the entry of the first parent. */
export function parseRaw(raw: Buffer): ChangedEntry[] {
  const fields = splitAtNul(raw);
  const entries: ChangedEntry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const pathBytes = fields[at + 1] ?? Buffer.alloc(0);
    const words = (fields[at] ?? Buffer.alloc(0)).toString("latin1").split(" ");
    const parents = /^:*/.exec(words[0] ?? "")?.[0].length ?? 1;
    const modes = words.slice(0, parents + 1).map((mode) => mode.replaceAll(":", ""));
    const objects = words.slice(parents + 1, 2 * (parents + 1));
    entries.push({
      path: pathBytes.toString(),
      pathBytes,
      from: { mode: modes[0] ?? NOTHING, object: objects[0] ?? "" },
      to: { mode: modes.at(-1) ?? NOTHING, object: objects.at(-1) ?? "" },
    });
  }
  return entries;
}

/** Groups entries by their object in the second tree: several paths may have the same content. */
export function entriesByObject(entries: readonly ChangedEntry[]): Map<string, ChangedEntry[]> {
  const byObject = new Map<string, ChangedEntry[]>();
  for (const entry of entries) {
    const others = byObject.get(entry.to.object);
    if (others === undefined) byObject.set(entry.to.object, [entry]);
    else others.push(entry);
  }
  return byObject;
}

/** An index entry; {@link NOTHING} as the mode removes the path. */
export interface IndexEntry {
  readonly pathBytes: Buffer;
  readonly mode: string;
  readonly object: string;
}

/** Writes entries into the index, replacing entries that are in their way. */
export async function putIntoIndex(root: string, lines: readonly IndexEntry[], options: GitOptions): Promise<void> {
  if (lines.length === 0) return;
  const stdin = Buffer.concat(
    lines.flatMap(({ mode, object, pathBytes }) => [
      Buffer.from(mode === NOTHING ? `0 ${object}\t` : `${mode} ${object}\t`),
      pathBytes,
      Buffer.from([0]),
    ]),
  );
  await gitBytes(root, ["update-index", "--add", "--replace", "-z", "--index-info"], { ...options, stdin });
}
