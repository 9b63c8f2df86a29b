import { type ChangedEntry, changedEntries, hasForeignName, LINK, NOTHING, SUBMODULE } from "./git-entries.ts";
import { isGitsOwn, isListOfModules } from "./git-own-names.ts";
import { leadsOutside, linksInIndex } from "./links.ts";
import { printable } from "./printable.ts";
import { objectSizes } from "./read-objects.ts";
import type { GitOptions } from "./run-git.ts";

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
export const MAX_CHANGED_BYTES = 256 * 1024 * 1024;

/** What starts, or is obeyed, without being asked when a project is opened, built or committed to. */
const RUNS_BY_ITSELF = [
  /(?:^|\/)\.(?:claude|claude-plugin|agents|cursor|gemini|codex|windsurf|kiro|continue|vscode|idea|zed|fleet|devcontainer|husky|cargo|bundle|yarn|mvn)\//i,
  /(?:^|\/)\.(?:mcp|devcontainer)\.json$/i,
  /^\.(?:github\/(?:workflows|actions|instructions|copilot-instructions)|circleci|buildkite|woodpecker|forgejo|gitea)(?:\/|\.md$)/i,
  /^(?:\.gitlab-ci|\.travis|\.drone|\.cirrus|azure-pipelines|bitbucket-pipelines|appveyor)\.ya?ml$/i,
  /^Jenkinsfile$/i,
  /(?:^|\/)(?:\.pre-commit-config|\.?lefthook(?:-local)?)\.(?:ya?ml|toml|json)$/i,
  /(?:^|\/)(?:package\.json|\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.c?js|pnpm-workspace\.yaml)$/i,
  /(?:^|\/)[^/]*\.config\.[cm]?[jt]s$/i,
  /(?:^|\/)(?:makefile|gnumakefile|justfile|rakefile|gemfile|vagrantfile|taskfile\.ya?ml)$/i,
  /(?:^|\/)(?:build|settings)\.gradle(?:\.kts)?$/i,
  /(?:^|\/)(?:build\.rs|setup\.(?:py|cfg)|pyproject\.toml|(?:cargo|bunfig)\.toml|conftest\.py|sitecustomize\.py|\.gdbinit|\.exrc|\.nvimrc)$/i,
  /(?:^|\/)(?:\.envrc|\.?mise(?:\.local)?\.toml|\.tool-versions)$/i,
  /(?:^|\/)\.git(?:attributes|modules)$/i,
  /(?:^|\/)(?:CLAUDE|AGENTS|GEMINI)(?:\.local)?\.md$/i,
];

export function runsByItself({ path, change }: PatchedFile): boolean {
  return change !== "deleted" && RUNS_BY_ITSELF.some((pattern) => pattern.test(path));
}

/**
 * What two trees differ in, refusing what must not come from elsewhere. Git itself refuses a path that leaves the project
 * or lies behind a link; here are the rest.
 *
 * @param options - with an index that holds the second tree
 * @throws NotApplied for git's own folder under any spelling, a submodule, a link that leads out of the project, or more
 *   bytes than a session's work has
 */
export async function checkedEntries(
  root: string,
  from: string,
  to: string,
  options: GitOptions,
): Promise<ChangedEntry[]> {
  const entries = await changedEntries(root, from, to, options);
  for (const entry of entries) {
    const { path } = entry;
    if (hasForeignName(entry)) throw new NotApplied(`It holds a name that is not in UTF-8 (${path}).`);
    if (isGitsOwn(path)) throw new NotApplied(`It wants to change git's own files (${path}).`);
    if (isListOfModules(path)) throw new NotApplied(`It wants to change where other repositories are (${path}).`);
    if ([entry.from.mode, entry.to.mode].includes(SUBMODULE)) {
      throw new NotApplied(`It wants to change the submodule ${path}.`);
    }
  }
  await refuseLinksOutside(root, entries, options);
  const written = entries.filter((entry) => entry.to.mode !== NOTHING).map((entry) => entry.to.object);
  const sizes = await objectSizes(root, written, options);
  const bytes = written.reduce((sum, object) => sum + (sizes.get(object) ?? 0), 0);
  if (bytes > MAX_CHANGED_BYTES) throw new NotApplied("It unfolds to more than a session's work can be.");
  return entries;
}

async function refuseLinksOutside(root: string, entries: readonly ChangedEntry[], options: GitOptions): Promise<void> {
  const changed = entries.filter(({ to }) => to.mode === LINK);
  if (changed.length === 0) return;
  const links = await linksInIndex(root, options);
  for (const { path } of changed) {
    const target = links.get(path);
    if (target === undefined || leadsOutside(path, target, links)) {
      throw new NotApplied(`It holds a link that leads out of the project (${path}).`);
    }
  }
}
