import { isUtf8 } from "node:buffer";
import { gitBytes } from "../../client/git/git.ts";
import { dirtySubmodules } from "./dirty-submodules.ts";
import { SUBMODULE } from "./git-entries.ts";
import { parseStatus } from "./parse-status.ts";

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

/** For looking into submodules: what is in them stays here in any case. */
const SUBMODULES_MS = 2_000;

/** What is not committed, in one look. Takes no lock and writes nothing. */
export async function workTreeStatus(root: string): Promise<WorkTreeStatus> {
  const output = await gitBytes(root, [
    "status",
    ...["--porcelain=v2", "--branch", "-z", "--no-ahead-behind", "--no-renames"],
    "--untracked-files=all",
  ]);
  const { commit: head, branch, entries } = parseStatus(output);
  const changed: ChangedPath[] = [];
  const foreign: string[] = [];
  for (const { path: pathBytes, mode, isSubmodule } of entries) {
    if (!isUtf8(pathBytes)) {
      foreign.push(pathBytes.toString("latin1"));
      continue;
    }
    const path = pathBytes.toString();
    changed.push({ path, mode, isRepository: path.endsWith("/") || isSubmodule });
  }
  const known = new Set(changed.map(({ path }) => path));
  const end = performance.now() + SUBMODULES_MS;
  for (const path of dirtySubmodules(root, () => end - performance.now()))
    if (!known.has(path)) changed.push({ path, mode: SUBMODULE, isRepository: true });
  return { head, branch, changed, foreign };
}
