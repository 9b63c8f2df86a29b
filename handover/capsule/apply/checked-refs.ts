import { type GitOptions, gitText } from "../../../client/git/git.ts";
import { changedEntries, hasForeignName, LINK, NOTHING, SUBMODULE } from "../../git/git-entries.ts";
import { objectSizes, readObjects } from "../../git/read-objects.ts";
import { gitFolderWithin, type Repository } from "../../git/repository.ts";
import { MAX_CHANGES_BYTES } from "../bundle-file.ts";
import type { CarriedRef } from "../carried-refs.ts";
import { isGitsOwn, isInside, isListOfModules } from "../file-names.ts";
import { leadsOutside } from "../links.ts";
import { emptyTree, refuseManyNames } from "./base-commit.ts";
import { NotApplied } from "./not-applied.ts";
import { commonWith } from "./open-capsule.ts";

/**
 * Lists the files that a capsule's branches and stashes change, and refuses the same changes as `checked-entries.ts`. There
 * may be more of them, because no file is written: a branch without a remote holds the whole project.
 *
 * @returns the paths, each once
 * @throws NotApplied
 */
export async function checkedRefs(
  repository: Repository,
  refs: readonly CarriedRef[],
  prerequisites: readonly string[],
  options: GitOptions,
): Promise<string[]> {
  const { root } = repository;
  const paths = new Set<string>();
  for (const { kind, commit } of refs) {
    const starts =
      kind === "branch"
        ? [[await commonWith(root, commit, prerequisites, options), commit] as const]
        : await stashParts(root, commit, options);
    for (const [from, to] of starts)
      for (const path of await checkedChange(repository, from, to, options)) paths.add(path);
  }
  return [...paths].sort();
}

/**
 * A stash is a commit with the index, and perhaps the untracked files, as further parents. Git applies no other form.
 *
 * @returns what each part of it is compared with, and the part
 */
async function stashParts(root: string, commit: string, options: GitOptions) {
  const list = await gitText(root, ["rev-list", "--no-walk", "--parents", commit, `${commit}^@`], options);
  const parents = new Map(
    list.split("\n").map((line) => {
      const [each = "", ...its] = line.split(" ");
      return [each, its] as const;
    }),
  );
  const [base, index, untracked, ...more] = parents.get(commit) ?? [];
  const isStash =
    base !== undefined &&
    index !== undefined &&
    more.length === 0 &&
    parents.get(index)?.join() === base &&
    (untracked === undefined || parents.get(untracked)?.length === 0);
  if (!isStash) throw new NotApplied("The capsule's stashes are damaged.");
  await refuseManyNames(root, [index, ...(untracked === undefined ? [] : [untracked])], options);
  return [
    [base, commit] as const,
    [base, index] as const,
    ...(untracked === undefined ? [] : [[await emptyTree(root, options), untracked] as const]),
  ];
}

async function checkedChange(repository: Repository, from: string, to: string, options: GitOptions): Promise<string[]> {
  const { root } = repository;
  const entries = await changedEntries(root, from, to, { ...options, maxOutputBytes: MAX_CHANGES_BYTES });
  const gitFolder = gitFolderWithin(repository);
  const links = new Map<string, string[]>();
  for (const entry of entries) {
    const { path, to: after } = entry;
    if (hasForeignName(entry)) throw new NotApplied(`The capsule has a file name that is not in UTF-8 (${path}).`);
    if (isGitsOwn(path) || (gitFolder !== null && isInside(path, gitFolder)))
      throw new NotApplied(`The capsule would change git's own files (${path}).`);
    if (after.mode === NOTHING) continue;
    if (isListOfModules(path)) throw new NotApplied(`The capsule would change the addresses of submodules (${path}).`);
    if (after.mode === SUBMODULE) throw new NotApplied(`The capsule would change the submodule ${path}.`);
    if (after.mode === LINK) links.set(after.object, [...(links.get(after.object) ?? []), path]);
  }
  for await (const [object, target] of readObjects(root, await objectSizes(root, links.keys(), options), options)) {
    for (const path of links.get(object) ?? []) {
      if (leadsOutside(path, target.toString(), { links: new Map(), gitFolder }))
        throw new NotApplied(`The capsule has a link that leads out of the project, or into git's folder (${path}).`);
    }
  }
  return entries.filter((entry) => entry.to.mode !== NOTHING).map(({ path }) => path);
}
