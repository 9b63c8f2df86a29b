import { isUtf8 } from "node:buffer";
import { type GitOptions, gitBytes } from "../../client/git/git.ts";

/** One path in which two trees differ. */
export interface ChangedEntry {
  /** What is no UTF-8 in it has become U+FFFD. */
  readonly path: string;
  readonly pathBytes: Buffer;
  /** Six digits; zeros where there is nothing. */
  readonly from: { readonly mode: string; readonly object: string };
  readonly to: { readonly mode: string; readonly object: string };
}

export const SUBMODULE = "160000";
export const LINK = "120000";
export const NOTHING = "000000";

/** The parts of what git prints with `-z`. */
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

/** Some hundred bytes for each path: more paths than work has. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;

/**
 * Every path in which two trees or commits differ, in git's order.
 *
 * @param to - null: the index that the options name
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
 * As a patch that fits byte for byte, whatever the person's settings for differences are.
 *
 * @param to - null: the index that the options name
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

/** Without `--end-of-options`: all of them are names of objects, in hexadecimal. */
function difference(from: string, to: string | null): string[] {
  return to === null ? ["diff-index", "--cached", from] : ["diff-tree", from, to];
}

/**
 * Reads git's raw format with NULs. For a commit of several parents `from` is what the first one has.
 */
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

/** By what they are in the second tree: the same content may be there under many names. */
export function entriesByObject(entries: readonly ChangedEntry[]): Map<string, ChangedEntry[]> {
  const byObject = new Map<string, ChangedEntry[]>();
  for (const entry of entries) {
    const others = byObject.get(entry.to.object);
    if (others === undefined) byObject.set(entry.to.object, [entry]);
    else others.push(entry);
  }
  return byObject;
}

/** One path of an index; a mode of zeros takes it away. */
export interface IndexLine {
  readonly pathBytes: Buffer;
  readonly mode: string;
  readonly object: string;
}

/** Whatever is in the way of a path in the index goes. */
export async function putIntoIndex(root: string, lines: readonly IndexLine[], options: GitOptions): Promise<void> {
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
