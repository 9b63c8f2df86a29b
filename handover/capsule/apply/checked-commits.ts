import { type GitOptions, gitBytes, gitText } from "../../../client/git/git.ts";
import { hasForeignName, LINK, NOTHING, parseRaw, SUBMODULE } from "../../git/git-entries.ts";
import { objectSizes, readObjects } from "../../git/read-objects.ts";
import { gitFolderWithin, type Repository } from "../../git/repository.ts";
import type { Bundle } from "../bundle-file.ts";
import { isGitsOwn, isInside, isListOfModules } from "../file-names.ts";
import { leadsOutside } from "../links.ts";
import { NotApplied, UNPACKS_TO_TOO_MUCH } from "./not-applied.ts";

/** For the paths that all commits change; more than 2,000 commits of a person. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/**
 * Refuses commits with a change that no commit of a capsule has: they are checked one by one, with the same rules as when
 * the capsule was built, because any of them can be checked out.
 *
 * @returns the paths that they change, each once
 * @throws NotApplied for a change in git's own folder, a submodule, a list of submodules, and a link that leads out of the
 *   project or into git's folder
 */
export async function checkedCommits(
  repository: Repository,
  { refs, prerequisites }: Bundle,
  options: GitOptions,
): Promise<string[]> {
  const { root } = repository;
  const tips = [...new Set(refs.map(({ object }) => object))];
  const commits = await gitText(root, ["rev-list", ...tips, "--not", ...prerequisites], options);
  const list = ["diff-tree", "--stdin", "-c", "--root", "-r", "-z", "--raw", "--no-renames", "--no-commit-id"];
  const stdin = Buffer.from(`${commits}\n`);
  const entries = parseRaw(
    await gitBytes(root, list, { ...options, stdin, maxOutputBytes: MAX_LIST_BYTES }).catch((cause: unknown) => {
      throw new NotApplied(UNPACKS_TO_TOO_MUCH, { cause });
    }),
  );
  const gitFolder = gitFolderWithin(repository);
  const links = new Map<string, string[]>();
  for (const entry of entries) {
    const { path, to } = entry;
    if (hasForeignName(entry)) throw new NotApplied(`The capsule has a file name that is not in UTF-8 (${path}).`);
    if (isGitsOwn(path) || (gitFolder !== null && isInside(path, gitFolder)))
      throw new NotApplied(`The capsule would change git's own files (${path}).`);
    if (to.mode === NOTHING) continue;
    if (isListOfModules(path)) throw new NotApplied(`The capsule would change the addresses of submodules (${path}).`);
    if (to.mode === SUBMODULE) throw new NotApplied(`The capsule would change the submodule ${path}.`);
    if (to.mode === LINK) links.set(to.object, [...(links.get(to.object) ?? []), path]);
  }
  for await (const [object, target] of readObjects(root, await objectSizes(root, links.keys(), options), options)) {
    for (const path of links.get(object) ?? []) {
      if (leadsOutside(path, target.toString(), { links: new Map(), gitFolder }))
        throw new NotApplied(`The capsule has a link that leads out of the project, or into git's folder (${path}).`);
    }
  }
  return [...new Set(entries.filter(({ to }) => to.mode !== NOTHING).map(({ path }) => path))].sort();
}
