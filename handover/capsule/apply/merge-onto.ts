import { firstComplaint, type GitOptions, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { changedEntries, patchBetween, putIntoIndex, splitAtNul } from "../../git/git-entries.ts";
import { MAX_UNFOLDED_BYTES } from "../capsule-file.ts";
import { frugal } from "./frugal.ts";
import { APPLY, type OpenCapsule } from "./open-capsule.ts";

/** The work on top of what is checked out. */
export interface Merged {
  /** null: both changed the same. */
  readonly tree: string | null;
  /** The files that both changed, in different ways. */
  readonly conflicts: readonly string[];
}

/**
 * Merges, three ways and in a folder apart, what a session's work changes into what is checked out: its uncommitted
 * changes and those of its commits that are neither on the remote nor here.
 */
export async function mergeOnto({ repository, head, start, tree, options }: OpenCapsule): Promise<Merged> {
  const { root } = repository;
  if (head === null) return { tree, conflicts: [] };
  const [ours, theirs] = await Promise.all(
    [head, start].map((commit) => gitText(root, ["rev-parse", `${commit}^{tree}`], options)),
  );
  if (ours === undefined || ours === theirs) return { tree, conflicts: [] };
  const from = await withoutWhatIsHere(root, ours, start, tree, options);
  const patch = await patchBetween(root, from, tree, { ...options, maxOutputBytes: MAX_UNFOLDED_BYTES });
  if (patch.length === 0) return { tree: ours, conflicts: [] };
  const conflicts = new Set<string>();
  for (;;) {
    await gitBytes(root, ["read-tree", ours], options);
    const others = [...conflicts].map((path) => `--exclude=${path.replace(/[\\*?[]/g, "\\$&")}`);
    const applied = await runGit(root, [...APPLY, "--3way", ...others, "-"], frugal(options, patch));
    const unmerged = splitAtNul(await gitBytes(root, ["ls-files", "-u", "-z"], options));
    if (unmerged.length === 0 && applied.code === 0 && conflicts.size === 0) {
      return { tree: await gitText(root, ["write-tree", "--missing-ok"], options), conflicts: [] };
    }
    const known = conflicts.size;
    for (const entry of unmerged) conflicts.add(entry.subarray(entry.indexOf(9) + 1).toString());
    for (const path of pathsIn(applied.stderr)) conflicts.add(path);
    if (known === 0 && conflicts.size === 0) conflicts.add(firstComplaint(applied.stderr));
    // What cannot be merged as text keeps git from looking at the rest.
    if (conflicts.size === known || unmerged.length > 0) return { tree: null, conflicts: [...conflicts].sort() };
  }
}

/** The start as it would be if what both changed alike had been so before: git calls a file that both added a conflict. */
async function withoutWhatIsHere(root: string, ours: string, start: string, tree: string, options: GitOptions) {
  const [work, missing] = await Promise.all([
    changedEntries(root, start, tree, options),
    changedEntries(root, ours, tree, options),
  ]);
  const paths = new Set(missing.map(({ path }) => path));
  const same = work.filter(({ path }) => !paths.has(path));
  if (same.length === 0) return start;
  await gitBytes(root, ["read-tree", start], options);
  await putIntoIndex(
    root,
    same.map(({ pathBytes, to }) => ({ pathBytes, ...to })),
    options,
  );
  return gitText(root, ["write-tree", "--missing-ok"], options);
}

/** A file that is gone here, or that cannot be merged as text, is only in git's words. */
function pathsIn(stderr: string): string[] {
  return stderr.split("\n").flatMap((line) => {
    const [, failed, named] =
      /^error: (?:patch failed: (.*):\d+|(.*): (?:does not exist in index|already exists in index|does not match index|patch does not apply|cannot .*))$/.exec(
        line,
      ) ?? [];
    return failed ?? named ?? [];
  });
}
