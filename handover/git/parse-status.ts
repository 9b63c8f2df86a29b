/** The output of `git status --porcelain=v2 --branch -z`. */
export interface Status {
  branch: string | null;
  /** null before the first commit. */
  commit: string | null;
  upstream: { name: string; ahead: number; behind: number } | null;
  uncommitted: string[];
  conflicts: string[];
  untracked: string[];
  submodules: string[];
}

/** The number of fields before the path, by the first character of the entry. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { "1": 8, "2": 9, u: 10, "?": 1 };

/** Skips unknown entries. */
export function parseStatus(text: string): Status {
  const status: Status = {
    branch: null,
    commit: null,
    upstream: null,
    uncommitted: [],
    conflicts: [],
    untracked: [],
    submodules: [],
  };
  const entries = text.split("\0");
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] ?? "";
    const [kind = ""] = entry;
    if (kind === "#") readHeader(entry, status);
    const path = pathOf(entry, FIELDS_BEFORE_PATH[kind]);
    if (path === null) continue;
    (kind === "?" ? status.untracked : status.uncommitted).push(path);
    if (kind === "u") status.conflicts.push(path);
    if (/^[12u] \S+ S/.test(entry)) status.submodules.push(path);
    if (kind === "2") index++; // after a rename the next entry is the old name
  }
  return status;
}

function readHeader(entry: string, status: Status): void {
  const [, key, value = ""] = /^# (\S+) (.*)$/.exec(entry) ?? [];
  if (key === "branch.oid") status.commit = value === "(initial)" ? null : value;
  if (key === "branch.head") status.branch = value === "(detached)" ? null : value;
  if (key === "branch.upstream") status.upstream = { name: value, ahead: 0, behind: 0 };
  const [, ahead, behind] = (key === "branch.ab" && /^\+(\d+) -(\d+)$/.exec(value)) || [];
  if (status.upstream && ahead !== undefined) {
    status.upstream = { ...status.upstream, ahead: Number(ahead), behind: Number(behind) };
  }
}

/** The path may contain spaces. */
function pathOf(entry: string, fields: number | undefined): string | null {
  if (fields === undefined) return null;
  const path = entry.split(" ").slice(fields).join(" ");
  return path === "" ? null : path;
}
