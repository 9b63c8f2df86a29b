import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { gitText, runGit } from "../../client/git/git.ts";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { forCount } from "../../client/text/counted.ts";
import { isGitsOwn } from "../capsule/file-names.ts";
import type { HandoverDraft } from "../draft/draft-store.ts";
import { unpushedSubmodules } from "../git/dirty-submodules.ts";
import { splitAtNul } from "../git/git-entries.ts";
import { findRepository } from "../git/repository.ts";
import { notOn, type Remote, sharedRemote } from "../git/shared-remote.ts";
import { code, fitting, withRest } from "../markdown.ts";
import { pathWithin, shownPath } from "../page/shown-path.ts";

/** Limit for each of the questions to git. A handover does not wait for more. */
const TIMEOUT_MS = 10_000;
const SUBMODULES_MS = 2_000;
const MAX_NAMES_CHARS = 400;
const MAX_NAME_CHARS = 80;

/** More names than fit into the section. */
const MAX_MASKED_NAMES = 200;

/** Removes the secrets from a name. */
type Mask = (name: string) => Promise<string>;

/**
 * The section of a handover that names work which no capsule carries: branches other than the one that is checked out,
 * stashes, commits in submodules, and files that the session edited and that git ignores or that are elsewhere. The reader is
 * on another machine, so its heading names this one.
 *
 * @param mask - gets each name before it is cut, because a scan does not recognise a part of a secret
 * @returns null if there is no such work; never throws
 */
export async function staysSection(
  { folder, machine, edited = [] }: HandoverDraft,
  mask: Mask = async (name) => (await maskSecrets(name)).text,
): Promise<string | null> {
  if (!existsSync(folder)) return null;
  const repository = await findRepository(folder);
  if (typeof repository === "string") return null;
  const { root } = repository;
  const lines: string[] = [];
  try {
    const remote = await sharedRemote(root, null);
    const branches = await otherBranches(root, remote);
    const lack =
      remote === null ? "that are not pushed" : `that ${code(await mask(remote.name), MAX_NAME_CHARS)} lacks`;
    lines.push(...(await named(`Other branches with commits ${lack}`, branches, mask)));
    const stashes = await countStashes(root);
    if (stashes > 0) lines.push(`- ${stashes} ${forCount(stashes, "stash", "stashes")}`);
    const end = performance.now() + SUBMODULES_MS;
    const submodules = unpushedSubmodules(root, () => end - performance.now());
    lines.push(...(await named("Submodules with commits that are not pushed", submodules, mask)));
    const files = editedFiles(edited, [root, folder]);
    lines.push(...(await named("Edited, and ignored by git", await ignoredOf(root, files.inside), mask)));
    lines.push(...(await named("Edited, outside the project", files.outside, mask)));
  } catch {
    lines.push("- Perhaps more: git did not answer, so branches, stashes and ignored files are not known.");
  }
  return lines.length === 0 ? null : [`## Stays on ${code(machine, MAX_NAME_CHARS)}`, "", ...lines].join("\n");
}

/** Branches whose last commit neither HEAD nor the remote has. */
async function otherBranches(root: string, remote: Remote | null): Promise<string[]> {
  const head = await runGit(root, ["rev-parse", "-q", "--verify", "HEAD^{commit}"], { timeoutMs: TIMEOUT_MS });
  const not = [...notOn(remote), ...(head.code === 0 ? ["HEAD"] : [])];
  const tips = await gitText(root, ["rev-list", "--simplify-by-decoration", "--branches", ...not], {
    timeoutMs: TIMEOUT_MS,
  });
  const unpushed = new Set(tips.split("\n").filter(Boolean));
  if (unpushed.size === 0) return [];
  const heads = await gitText(root, ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/"]);
  return heads.split("\n").flatMap((line) => {
    const [, commit = "", name = ""] = /^(\S+) refs\/heads\/(.+)$/.exec(line) ?? [];
    return unpushed.has(commit) ? [name] : [];
  });
}

async function countStashes(root: string): Promise<number> {
  const { code: exitCode, stdout } = await runGit(root, ["rev-list", "--walk-reflogs", "refs/stash", "--"], {
    timeoutMs: TIMEOUT_MS,
  });
  return exitCode === 0 ? stdout.toString().split("\n").filter(Boolean).length : 0;
}

/** Sorts files that still exist. Paths inside are relative to the root. */
function editedFiles(paths: readonly string[], roots: readonly string[]) {
  const [inside, outside] = [new Set<string>(), new Set<string>()];
  for (const path of paths.filter((each) => existsSync(each))) {
    const relative = pathWithin(path, roots) ?? pathWithin(realPath(path), roots);
    if (relative === null || isGitsOwn(relative)) outside.add(shownPath(path, roots, homeFolder()));
    else inside.add(relative);
  }
  return { inside: [...inside], outside: [...outside] };
}

/** With the links of its folder resolved, as git does. */
function realPath(path: string): string {
  return join(realpathSync(dirname(path)), basename(path));
}

async function ignoredOf(root: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const together = await ignored(root, paths);
  if (together !== null) return together;
  // One path that git refuses, such as one in a submodule, makes it refuse them all.
  const alone = [];
  for (const path of paths.slice(-MAX_ALONE)) alone.push(...((await ignored(root, [path])) ?? []));
  return alone;
}

const MAX_ALONE = 50;

async function ignored(root: string, paths: readonly string[]): Promise<string[] | null> {
  // This command refuses to take paths literally. With `./` before them, they cannot be patterns either.
  const stdin = Buffer.from(paths.map((path) => `./${path}\0`).join(""));
  const options = { stdin, timeoutMs: TIMEOUT_MS, env: { GIT_LITERAL_PATHSPECS: undefined } };
  const asked = await runGit(root, ["check-ignore", "-z", "--stdin"], options);
  return asked.code > 1 ? null : splitAtNul(asked.stdout).map((path) => path.toString().replace(/^\.\//, ""));
}

async function named(what: string, names: readonly string[], mask: Mask): Promise<string[]> {
  if (names.length === 0) return [];
  const masked = await Promise.all(names.slice(0, MAX_MASKED_NAMES).map(mask));
  const all = masked.map((name) => code(name, MAX_NAME_CHARS));
  const shown = fitting(all, ", ", MAX_NAMES_CHARS);
  return [`- ${what}: ${withRest(names, shown, (rest) => `and ${rest} more`).join(", ")}`];
}
