import { patchBetween, splitAtNul } from "./git-entries.ts";
import { APPLY, type OpenCapsule } from "./open-capsule.ts";
import { firstComplaint, gitBytes, gitText, runGit } from "./run-git.ts";

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
  const patch = await patchBetween(root, start, tree, options);
  await gitBytes(root, ["read-tree", ours], options);
  const applied = await runGit(root, [...APPLY, "--3way", "-"], { ...options, stdin: patch });
  const unmerged = splitAtNul(await gitBytes(root, ["ls-files", "-u", "-z"], options));
  const conflicts = new Set(unmerged.map((entry) => entry.subarray(entry.indexOf(9) + 1).toString()));
  if (conflicts.size === 0 && applied.code === 0) {
    return { tree: await gitText(root, ["write-tree", "--missing-ok"], options), conflicts: [] };
  }
  for (const path of pathsIn(applied.stderr)) conflicts.add(path);
  if (conflicts.size === 0) conflicts.add(firstComplaint(applied.stderr));
  return { tree: null, conflicts: [...conflicts].sort() };
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
