import { firstComplaint, type GitOptions, gitBytes, gitText } from "../../../client/git/git.ts";
import { changedEntries, patchBetween, putIntoIndex, splitAtNul } from "../../git/git-entries.ts";
import { MAX_UNPACKED_BYTES } from "../capsule-file.ts";
import { applyPatch, type OpenCapsule } from "./open-capsule.ts";

/** The work merged into the checked-out commit. */
export interface Merged {
  /** null if there are conflicts. */
  readonly tree: string | null;
  /** Files that both sides changed, in different ways. */
  readonly conflicts: readonly string[];
}

/**
 * Merges the work three ways into the checked-out commit, in the scratch folder. The work is the uncommitted changes and
 * those commits that are neither on the remote nor here.
 */
export async function mergeOnto({ repository, head, start, tree, options }: OpenCapsule): Promise<Merged> {
  const { root } = repository;
  if (head === null) return { tree, conflicts: [] };
  const [ours, theirs] = await Promise.all(
    [head, start].map((commit) => gitText(root, ["rev-parse", `${commit}^{tree}`], options)),
  );
  if (ours === undefined || ours === theirs) return { tree, conflicts: [] };
  const from = await startWithSharedChanges(root, ours, start, tree, options);
  const patch = await patchBetween(root, from, tree, { ...options, maxOutputBytes: MAX_UNPACKED_BYTES });
  if (patch.length === 0) return { tree: ours, conflicts: [] };
  const conflicts = new Set<string>();
  for (;;) {
    await gitBytes(root, ["read-tree", ours], options);
    const others = [...conflicts].map((path) => `--exclude=${path.replace(/[\\*?[]/g, "\\$&")}`);
    const applied = await applyPatch(root, patch, options, ["--3way", ...others]);
    const unmerged = splitAtNul(await gitBytes(root, ["ls-files", "-u", "-z"], options));
    if (unmerged.length === 0 && applied.code === 0 && conflicts.size === 0) {
      return { tree: await gitText(root, ["write-tree", "--missing-ok"], options), conflicts: [] };
    }
    const known = conflicts.size;
    for (const entry of unmerged) conflicts.add(entry.subarray(entry.indexOf(9) + 1).toString());
    for (const path of pathsIn(applied.stderr)) conflicts.add(path);
    if (known === 0 && conflicts.size === 0) conflicts.add(firstComplaint(applied.stderr));
    // Git stops at a file that it cannot merge as text. Exclude it and try again, to find the other conflicts.
    if (conflicts.size === known || unmerged.length > 0) return { tree: null, conflicts: [...conflicts].sort() };
  }
}

/**
 * The start, plus the changes that both sides made alike. Without this, git would report a file that both added as a
 * conflict.
 */
async function startWithSharedChanges(root: string, ours: string, start: string, tree: string, options: GitOptions) {
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

/** Git names a file that is missing here, or that it cannot merge as text, only in its error text. */
function pathsIn(stderr: string): string[] {
  return stderr.split("\n").flatMap((line) => {
    const [, failed, named] =
      /^error: (?:patch failed: (.*):\d+|(.*): (?:does not exist in index|already exists in index|does not match index|patch does not apply|cannot .*))$/.exec(
        line,
      ) ?? [];
    return failed ?? named ?? [];
  });
}
