import { foreignFilters, runGit } from "../../client/git/git.ts";
import { splitAtNul } from "../git/git-entries.ts";

/** What stands between a file and what git stores of it. */
export interface FileFilters {
  /** The name of each path's filter; paths without one are not in it. */
  readonly byPath: ReadonlyMap<string, string>;
  /** Those that Photon does not run: the repository's own settings define them, which anybody may have written. */
  readonly foreign: ReadonlySet<string>;
}

export async function fileFilters(root: string, paths: readonly string[]): Promise<FileFilters> {
  const foreign = await foreignFilters(root);
  if (paths.length === 0) return { byPath: new Map(), foreign };
  const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(""));
  const { code, stdout } = await runGit(root, ["check-attr", "-z", "--stdin", "filter"], { stdin });
  const fields = code === 0 ? splitAtNul(stdout).map(String) : [];
  const named = fields.flatMap((path, at) => {
    const filter = fields[at + 2] ?? "";
    return at % 3 !== 0 || NO_FILTER.has(filter) ? [] : [[path, filter] as const];
  });
  return { byPath: new Map(named), foreign };
}

const NO_FILTER = new Set(["", "unspecified", "unset", "set"]);
