import { isUtf8 } from "node:buffer";
import { gitBytes } from "../../client/git/git.ts";
import { dirtySubmodules } from "./dirty-submodules.ts";
import { SUBMODULE } from "./git-entries.ts";
import { parseStatus } from "./parse-status.ts";

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

/** For looking into submodules: what is in them stays here in any case. */
const SUBMODULES_MS = 2_000;

/** The uncommitted changes, from one run of git. Takes no lock and writes nothing. */
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
