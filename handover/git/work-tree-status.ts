import { isUtf8 } from "node:buffer";
import { gitBytes } from "../../client/git/git.ts";
import { dirtySubmodules } from "./dirty-submodules.ts";
import { SUBMODULE, splitAtNul } from "./git-entries.ts";

/** A path where the work tree or the index differs from HEAD. Ignored files are left out. */
export interface ChangedPath {
  readonly path: string;
  /** Six digits; null for an untracked file. */
  readonly mode: string | null;
  /** Whether it is a submodule or a folder with a repository in it. */
  readonly isRepository: boolean;
}

export interface WorkTreeStatus {
  /** null before the first commit. */
  readonly head: string | null;
  /** null if HEAD is detached. */
  readonly branch: string | null;
  readonly changed: readonly ChangedPath[];
  /** Changed files whose names are not UTF-8, decoded as Latin-1. */
  readonly foreign: readonly string[];
}

/** The number of fields before the path in `git status --porcelain=v2`, by the first character of the entry. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { "1": 8, u: 10, "?": 1 };

/** Limit for checking submodules. A capsule leaves their changes out in any case. */
const SUBMODULES_MS = 2_000;

/** The uncommitted changes, from one run of git. Takes no lock and writes nothing. */
export async function workTreeStatus(root: string): Promise<WorkTreeStatus> {
  const output = await gitBytes(root, [
    "status",
    ...["--porcelain=v2", "--branch", "-z", "--no-ahead-behind", "--no-renames"],
    "--untracked-files=all",
  ]);
  let head: string | null = null;
  let branch: string | null = null;
  const changed: ChangedPath[] = [];
  const foreign: string[] = [];
  for (const entry of splitAtNul(output)) {
    const text = entry.toString("latin1");
    if (text.startsWith("# branch.oid ")) head = text.endsWith("(initial)") ? null : text.slice(13);
    if (text.startsWith("# branch.head ")) branch = text.endsWith(" (detached)") ? null : entry.subarray(14).toString();
    const count = FIELDS_BEFORE_PATH[text.charAt(0)];
    if (count === undefined || text.charAt(1) !== " ") continue;
    const fields = text.split(" ", count);
    const pathBytes = entry.subarray(fields.join(" ").length + 1);
    if (!isUtf8(pathBytes)) {
      foreign.push(pathBytes.toString("latin1"));
      continue;
    }
    const path = pathBytes.toString();
    const mode = fields[0] === "?" ? null : (fields[fields[0] === "u" ? 6 : 5] ?? null);
    changed.push({ path, mode, isRepository: path.endsWith("/") || (fields[2]?.startsWith("S") ?? false) });
  }
  const known = new Set(changed.map(({ path }) => path));
  const end = performance.now() + SUBMODULES_MS;
  for (const path of dirtySubmodules(root, () => end - performance.now()))
    if (!known.has(path)) changed.push({ path, mode: SUBMODULE, isRepository: true });
  return { head, branch, changed, foreign };
}
