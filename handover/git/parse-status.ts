/** A path where the work tree or the index is not what HEAD has. */
export interface StatusEntry {
  /** `1` changed, `2` renamed, `u` in conflict, `?` unknown to git. */
  readonly kind: string;
  /** A path need not be UTF-8. */
  readonly path: Buffer;
  /** Six digits, of the file as git takes it; null for one that git does not know. */
  readonly mode: string | null;
  readonly isSubmodule: boolean;
}

/** What `git status --porcelain=v2 --branch -z` tells. */
export interface Status {
  /** null if HEAD is detached. */
  readonly branch: string | null;
  /** null before the first commit. */
  readonly commit: string | null;
  readonly upstream: { readonly name: string; readonly ahead: number; readonly behind: number } | null;
  readonly entries: readonly StatusEntry[];
}

/** The number of fields before the path, by the first character of the entry. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { "1": 8, "2": 9, u: 10, "?": 1 };

/** Entries end with NUL, so names need no quoting. Unknown ones are skipped. */
export function parseStatus(output: Buffer): Status {
  const headers = new Map<string, string>();
  const entries: StatusEntry[] = [];
  // In Latin-1 a byte is a letter: nothing of a path that is not UTF-8 gets lost.
  const texts = output.toString("latin1").split("\0");
  for (let at = 0; at < texts.length; at++) {
    const text = texts[at] ?? "";
    const kind = text.charAt(0);
    const count = FIELDS_BEFORE_PATH[kind];
    if (kind === "2") at++; // a rename: the next entry is the name it had
    const [, key = "", value = ""] = /^# (\S+) (.*)$/.exec(text) ?? [];
    headers.set(key, bytesOf(value).toString());
    if (count === undefined || text.charAt(1) !== " ") continue;
    const fields = text.split(" ", count);
    const path = bytesOf(text.slice(fields.join(" ").length + 1));
    if (path.length === 0) continue;
    const mode = kind === "?" ? null : (fields[kind === "u" ? 6 : 5] ?? null);
    entries.push({ kind, path, mode, isSubmodule: kind !== "?" && fields[2]?.startsWith("S") === true });
  }
  const oid = headers.get("branch.oid") ?? "(initial)";
  const head = headers.get("branch.head") ?? "(detached)";
  const name = headers.get("branch.upstream");
  const [, ahead = 0, behind = 0] = /^\+(\d+) -(\d+)$/.exec(headers.get("branch.ab") ?? "") ?? [];
  return {
    commit: oid === "(initial)" ? null : oid,
    branch: head === "(detached)" ? null : head,
    upstream: name === undefined ? null : { name, ahead: Number(ahead), behind: Number(behind) },
    entries,
  };
}

function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, "latin1");
}
