import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Paths } from "../../client/disk/paths.ts";
import { findRepository as findOnDisk } from "../../client/git/found-repository.ts";
import { firstComplaint, runGit } from "../../client/git/git.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { knownRoots } from "../../client/settings/known-projects.ts";
import { listDrafts } from "../draft/draft-store.ts";
import { openSessions } from "../draft/open-sessions.ts";
import { findRepository, type Repository } from "../git/repository.ts";

/** A repository that this machine knows, once, however many folders are in it. */
export interface KnownRepository {
  readonly project: string | null;
  /** A work tree that exists: the main one if there is one. */
  readonly root: string;
}

/** One of a repository's work trees. */
export interface Worktree {
  readonly root: string;
  /** Whether its folder exists. Its branch and its commit are known all the same. */
  readonly exists: boolean;
  /** null before the first commit. */
  readonly head: string | null;
  /** null if HEAD is detached. */
  readonly branch: string | null;
}

/**
 * The repositories of the folders that this machine remembers: of projects, of drafts, of open sessions, and the given one
 * first. Leaves out folders that are gone or in no repository. Only looks at the disk.
 *
 * @param now - milliseconds since 1970
 */
export function knownRepositories(
  { paths, env }: { readonly paths: Paths; readonly env: NodeJS.ProcessEnv },
  folder: string,
  now: number,
): KnownRepository[] {
  const sessions = [...openSessions(paths, now), ...listDrafts(paths)].map((session) => session.folder);
  const repositories = new Map<string, KnownRepository>();
  for (const each of new Set([folder, ...knownRoots(paths), ...sessions])) {
    const found = each !== "" && existsSync(each) ? findOnDisk(each) : null;
    if (found === null) continue;
    const key = realFolder(found.main);
    if (repositories.has(key)) continue;
    const root = existsSync(join(found.main, ".git")) ? found.main : found.root;
    repositories.set(key, { root, project: projectOf(root, paths, env) });
  }
  return [...repositories.values()];
}

/** Without the project that a variable sets: that one is the current folder's. */
function projectOf(folder: string, paths: Paths, env: NodeJS.ProcessEnv): string | null {
  return loadConfig({ env: { ...env, BRIDGE_PROJECT: undefined }, paths, folder }).project;
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Git only reads a few files of its own for this. If that takes longer, the rest would take minutes. */
const ANSWER_MS = 5_000;

/**
 * A repository and its work trees, as git lists them.
 *
 * @throws Error with a sentence for a person if git cannot work in it, or not in time
 */
export async function openRepository({
  root,
}: KnownRepository): Promise<{ readonly repository: Repository; readonly worktrees: readonly Worktree[] }> {
  await runGit(root, ["rev-parse", "--git-dir"], { timeoutMs: ANSWER_MS });
  const repository = await findRepository(root);
  if (typeof repository === "string") throw new Error(repository);
  const list = ["worktree", "list", "--porcelain"];
  const exact = await runGit(root, [...list, "-z"], { timeoutMs: ANSWER_MS });
  if (exact.code === 0) return { repository, worktrees: worktreesIn(exact.stdout.toString()) };
  // Before git 2.36. A folder with a line break in its name is then not found.
  const { code, stdout, stderr } = await runGit(root, list, { timeoutMs: ANSWER_MS });
  if (code !== 0) throw new Error(`Git cannot list its worktrees: ${firstComplaint(stderr)}`);
  return { repository, worktrees: worktreesIn(stdout.toString().replaceAll("\n", "\0")) };
}

/** Leaves out a bare repository, which has no files. */
function worktreesIn(listed: string): Worktree[] {
  return listed.split("\0\0").flatMap((record) => {
    const fields = new Map(
      record
        .split("\0")
        .filter(Boolean)
        .map((line) => [line.split(" ")[0], line.slice(line.indexOf(" ") + 1)] as const),
    );
    const root = fields.get("worktree");
    if (root === undefined || fields.has("bare")) return [];
    const head = fields.get("HEAD") ?? "";
    return [
      {
        root,
        exists: existsSync(join(root, ".git")),
        head: /^0*$/.test(head) ? null : head,
        branch: fields.get("branch")?.replace(/^refs\/heads\//, "") ?? null,
      },
    ];
  });
}

/** The folder's name with its parent's: enough to tell clones and worktrees apart. */
export function shortFolder(folder: string): string {
  return join(basename(dirname(folder)), basename(folder));
}
