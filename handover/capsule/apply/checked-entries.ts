import type { GitOptions } from "../../../client/git/git.ts";
import { type ChangedEntry, changedEntries, hasForeignName, LINK, NOTHING, SUBMODULE } from "../../git/git-entries.ts";
import { objectSizes } from "../../git/read-objects.ts";
import { gitFolderWithin, type Repository } from "../../git/repository.ts";
import { isGitsOwn, isInside, isListOfModules } from "../file-names.ts";
import { leadsOutside, linksInIndex } from "../links.ts";
import { MAX_FILES } from "../patch-file.ts";
import { NotApplied, UNPACKS_TO_TOO_MUCH } from "./not-applied.ts";

/** Limit for all changed files together: a few kilobytes can unpack to gigabytes. */
const MAX_CHANGED_BYTES = 256 * 1024 * 1024;

/**
 * Lists the differences between two trees and refuses the ones that a capsule must not make. Git itself already refuses
 * paths outside the project and paths behind a link.
 *
 * @param options - must name an index that holds the second tree
 * @throws NotApplied for a change in git's own folder, however it is spelled and wherever it is; for a submodule; for a
 *   link that leads out of the project or into git's folder; and for more files or bytes than a session's work has
 */
export async function checkedEntries(
  repository: Repository,
  from: string,
  to: string,
  options: GitOptions,
): Promise<ChangedEntry[]> {
  const { root } = repository;
  const gitFolder = gitFolderWithin(repository);
  const entries = await changedEntries(root, from, to, options);
  if (entries.length > MAX_FILES) throw new NotApplied(UNPACKS_TO_TOO_MUCH);
  for (const entry of entries) {
    const { path } = entry;
    if (hasForeignName(entry)) throw new NotApplied(`The capsule has a file name that is not in UTF-8 (${path}).`);
    if (isGitsOwn(path) || (gitFolder !== null && isInside(path, gitFolder)))
      throw new NotApplied(`The capsule would change git's own files (${path}).`);
    if (isListOfModules(path)) throw new NotApplied(`The capsule would change the addresses of submodules (${path}).`);
    if ([entry.from.mode, entry.to.mode].includes(SUBMODULE)) {
      throw new NotApplied(`The capsule would change the submodule ${path}.`);
    }
  }
  await refuseLinksOutside(root, entries, gitFolder, options);
  const written = entries.filter((entry) => entry.to.mode !== NOTHING).map((entry) => entry.to.object);
  const sizes = await objectSizes(root, written, options);
  const bytes = written.reduce((sum, object) => sum + (sizes.get(object) ?? 0), 0);
  if (bytes > MAX_CHANGED_BYTES) throw new NotApplied(UNPACKS_TO_TOO_MUCH);
  return entries;
}

async function refuseLinksOutside(
  root: string,
  entries: readonly ChangedEntry[],
  gitFolder: string | null,
  options: GitOptions,
): Promise<void> {
  const changed = entries.filter(({ to }) => to.mode === LINK);
  if (changed.length === 0) return;
  const links = await linksInIndex(root, options);
  for (const { path } of changed) {
    const target = links.get(path);
    if (target === undefined || leadsOutside(path, target, { links, gitFolder })) {
      throw new NotApplied(`The capsule has a link that leads out of the project, or into git's folder (${path}).`);
    }
  }
}
