import { isUtf8 } from "node:buffer";
import { gitBytes } from "../../client/git/git.ts";
import { dirtySubmodules } from "./dirty-submodules.ts";
import { SUBMODULE, splitAtNul } from "./git-entries.ts";

/** A path where the work tree or the index is not what HEAD has, ignored ones left out. */
export interface ChangedPath {
  readonly path: string;
  /** Six digits, of the file as git takes it; null for one it does not know. */
  readonly mode: string | null;
  /** A submodule, or a folder that holds a repository. */
  readonly isRepository: boolean;
}

export interface WorkTreeStatus {
  /** null before the first commit. */
  readonly head: string | null;
  /** null when HEAD is detached. */
  readonly branch: string | null;
  readonly changed: readonly ChangedPath[];
  /** Changed files whose names are no UTF-8, in letters that come close. */
  readonly foreign: readonly string[];
}

/** Fields before the path in an entry of `git status --porcelain=v2`, by its first letter. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { "1": 8, u: 10, "?": 1 };

/** For looking into submodules: what is in them stays here in any case. */
const SUBMODULES_MS = 2_000;

/** What is not committed, in one look. Takes no lock and writes nothing. */
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
