import type { GitOptions } from "../../../client/git/git.ts";
import { printable } from "../../../client/text/printable.ts";
import { type ChangedEntry, changedEntries, hasForeignName, LINK, NOTHING, SUBMODULE } from "../../git/git-entries.ts";
import { objectSizes } from "../../git/read-objects.ts";
import { gitFolderWithin, type Repository } from "../../git/repository.ts";
import { isGitsOwn, isInside, isListOfModules } from "../git-own-names.ts";
import { leadsOutside, linksInIndex } from "../links.ts";
import { MAX_FILES } from "../patch-size.ts";

/** A capsule that is not applied, and why. Nothing was changed. The message is a sentence for a person. */
export class NotApplied extends Error {
  override readonly name = "NotApplied";

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

/** One file that a capsule changes. */
export interface PatchedFile {
  /** Fit to be shown. */
  readonly path: string;
  readonly change: "added" | "changed" | "deleted";
}

/** Most bytes of all changed files together: a few kilobytes may unfold to gigabytes. */
const MAX_CHANGED_BYTES = 256 * 1024 * 1024;

/**
 * What two trees differ in, refusing what must not come from elsewhere. Git itself refuses a path that leaves the project
 * or lies behind a link; here are the rest.
 *
 * @param options - with an index that holds the second tree
 * @throws NotApplied for git's own folder under any spelling or wherever it is, a submodule, a link that leads out of the
 *   project or into that folder, or more files or bytes than a session's work has
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
  if (entries.length > MAX_FILES) throw new NotApplied("It unfolds to more than a session's work can be.");
  for (const entry of entries) {
    const { path } = entry;
    if (hasForeignName(entry)) throw new NotApplied(`It holds a name that is not in UTF-8 (${path}).`);
    if (isGitsOwn(path) || (gitFolder !== null && isInside(path, gitFolder)))
      throw new NotApplied(`It wants to change git's own files (${path}).`);
    if (isListOfModules(path)) throw new NotApplied(`It wants to change where other repositories are (${path}).`);
    if ([entry.from.mode, entry.to.mode].includes(SUBMODULE)) {
      throw new NotApplied(`It wants to change the submodule ${path}.`);
    }
  }
  await refuseLinksOutside(root, entries, gitFolder, options);
  const written = entries.filter((entry) => entry.to.mode !== NOTHING).map((entry) => entry.to.object);
  const sizes = await objectSizes(root, written, options);
  const bytes = written.reduce((sum, object) => sum + (sizes.get(object) ?? 0), 0);
  if (bytes > MAX_CHANGED_BYTES) throw new NotApplied("It unfolds to more than a session's work can be.");
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
      throw new NotApplied(`It holds a link that leads out of the project, or into git's folder (${path}).`);
    }
  }
}
