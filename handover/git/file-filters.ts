import { foreignFilters, type GitOptions, runGit } from "../../client/git/git.ts";
import { splitAtNul } from "./git-entries.ts";

/** Git filters, which convert files between the work tree and what git stores. */
export interface FileFilters {
  /** Filter names by path, for the paths that have one. */
  readonly byPath: ReadonlyMap<string, string>;
  /** Filters that Photon does not run: they are defined in the repository's own settings, which may be hostile. */
  readonly foreign: ReadonlySet<string>;
}

/** @param inIndex - options that name an index, whose `.gitattributes` count; by default those of the work tree */
export async function fileFilters(
  root: string,
  paths: readonly string[],
  inIndex: GitOptions | null = null,
): Promise<FileFilters> {
  const foreign = await foreignFilters(root);
  if (paths.length === 0) return { byPath: new Map(), foreign };
  const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(""));
  const { code, stdout } = await runGit(
    root,
    ["check-attr", ...(inIndex === null ? [] : ["--cached"]), "-z", "--stdin", "filter"],
    { ...inIndex, stdin },
  );
  const fields = code === 0 ? splitAtNul(stdout).map(String) : [];
  const named = fields.flatMap((path, at) => {
    const filter = fields[at + 2] ?? "";
    return at % 3 !== 0 || NO_FILTER.has(filter) ? [] : [[path, filter] as const];
  });
  return { byPath: new Map(named), foreign };
}

const NO_FILTER = new Set(["", "unspecified", "unset", "set"]);
