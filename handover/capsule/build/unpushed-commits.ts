import { readFile } from "node:fs/promises";
import { gitBytes, gitText, TooMuchOutput } from "../../../client/git/git.ts";
import { forCount } from "../../../client/text/counted.ts";
import { MAX_CAPSULE_BYTES } from "../../../contract/capsule.ts";
import {
  type ChangedEntry,
  entriesByObject,
  hasForeignName,
  LINK,
  NOTHING,
  parseRaw,
  SUBMODULE,
} from "../../git/git-entries.ts";
import { objectSizes, readObjects } from "../../git/read-objects.ts";
import { type Repository, shallowFile } from "../../git/repository.ts";
import { isFolder, notOn, sharedRemote } from "../../git/shared-remote.ts";
import { MAX_CHANGES_BYTES, parseBundle } from "../bundle-file.ts";
import { leadsOutside } from "../links.ts";
import { MAX_FILE_BYTES } from "../patch-file.ts";
import {
  excludedByContent,
  excludedByName,
  excludedBySecret,
  excludedBySecretName,
  HAS_FOREIGN_NAME,
  IS_REPOSITORY,
  IS_TOO_LARGE,
  LEADS_OUTSIDE,
  type Scan,
} from "./exclusions.ts";

/** The part of the history that a capsule carries. */
export interface History {
  /** The commit that the patch starts from; null if it starts from an empty project. */
  readonly base: string | null;
  /** The newest pushed ancestor, as far as this clone knows; null if there is none, or if HEAD itself is pushed. */
  readonly pushed: string | null;
  /** How many commits the bundle holds. */
  readonly commits: number;
  readonly bundle: Buffer | null;
  /** Why unpushed commits are not carried as commits, as a sentence; null if there are none or they are. */
  readonly commitsLeftOut: string | null;
  /** Which remote the other machine needs for the base, as a sentence; null if it is the one that every clone has. */
  readonly needsRemote: string | null;
}

/** The history of work that has no unpushed commits. */
export function pushedAt(base: string | null): History {
  return { base, pushed: null, commits: 0, bundle: null, commitsLeftOut: null, needsRemote: null };
}

/** More commits than a session makes. */
const MAX_COMMITS = 2_000;

/** Limit for the scan for secrets over all versions of all files: it takes a second or two. */
const MAX_SCANNED_BYTES = 64 * 1024 * 1024;

/**
 * Bundles the commits that the other machine probably lacks: those that are not on the remote that it most likely has. If
 * these cannot leave, only those that are on no remote at all.
 *
 * @param branch - the checked-out branch; null if HEAD is detached
 */
export async function unpushedCommits(
  repository: Repository,
  { head, branch }: { readonly head: string; readonly branch: string | null },
  scan: Scan,
): Promise<History> {
  const { root } = repository;
  const remote = await sharedRemote(root, branch);
  const history = await bundled(repository, head, notOn(remote), scan);
  if (remote === null) return history;
  if (history.commitsLeftOut !== null) {
    const shorter = await bundled(repository, head, notOn(null), scan);
    const start = shorter.pushed ?? shorter.base;
    if (start !== null && start !== history.pushed)
      return { ...shorter, needsRemote: await remoteNeeded(root, start, remote.name) };
  }
  const start = history.pushed ?? history.base;
  if (start === null || remote.name === "origin" || !isFolder(remote)) return history;
  return {
    ...history,
    needsRemote: `The work starts from a commit of the remote ${remote.name}, which is a folder. ${NEEDED}`,
  };
}

const NEEDED = "The other machine needs it as well.";

async function remoteNeeded(root: string, commit: string, shared: string): Promise<string> {
  const which = ["--count=1", `--contains=${commit}`, "--format=%(refname)", "refs/remotes/"];
  const name = (await gitText(root, ["for-each-ref", ...which])).split("/")[2] ?? "";
  return `The work starts from a commit that only the remote ${name} has, not ${shared}. ${NEEDED}`;
}

/**
 * Bundles all commits that a remote lacks, or none if one of them contains something that must not leave this machine. A
 * commit cannot be carried without one of its files.
 */
async function bundled(repository: Repository, head: string, limit: readonly string[], scan: Scan): Promise<History> {
  const { root } = repository;
  const list = await gitText(root, ["rev-list", "--topo-order", "--boundary", head, ...limit]);
  const lines = list.split("\n").filter(Boolean);
  const commits = lines.filter((line) => !line.startsWith("-"));
  if (commits.length === 0) return pushedAt(head);
  const boundary = lines.filter((line) => line.startsWith("-")).map((line) => line.slice(1));
  const pushed = await newest(root, boundary);
  const reason = await reasonAgainst(repository, commits, scan);
  const bundle = reason === null ? await bundleOf(root, head, boundary) : null;
  if (bundle !== null) return { ...pushedAt(head), pushed, commits: commits.length, bundle };
  const which = forCount(commits.length, "The unpushed commit stays", `The ${commits.length} unpushed commits stay`);
  const whose = forCount(commits.length, "its", "their");
  const sentence = `${which} on this machine; the capsule has ${whose} changes as uncommitted work. ${reason ?? TOO_LARGE}`;
  return { ...pushedAt(pushed), pushed, commitsLeftOut: sentence };
}

const TOO_MANY = "They are too many to scan for secrets.";
const TOO_LARGE = `They are larger than ${MAX_CAPSULE_BYTES / 1024 / 1024} MiB.`;

async function newest(root: string, commits: readonly string[]): Promise<string | null> {
  if (commits.length < 2) return commits[0] ?? null;
  const stdin = Buffer.from(`${commits.join("\n")}\n`);
  return gitText(root, ["rev-list", "--no-walk", "--max-count=1", "--stdin"], { stdin });
}

/** @returns why the commits must stay here, as a sentence about "they"; null if they may leave */
export async function reasonAgainst(
  repository: Repository,
  commits: readonly string[],
  scan: Scan,
): Promise<string | null> {
  const { root } = repository;
  if (commits.length > MAX_COMMITS) return TOO_MANY;
  const shallow = new Set((await readFile(shallowFile(repository), "latin1").catch(() => "")).split("\n"));
  if (commits.some((commit) => shallow.has(commit)))
    return "This clone is shallow: it does not have their whole history.";
  const listed = await changesOf(root, commits);
  if (listed === null) return TOO_MANY;
  const entries = parseRaw(listed).filter(({ to }) => to.mode !== NOTHING);
  for (const entry of entries) {
    const reason = reasonByName(entry);
    if (reason !== null) return inCommit(entry.path, reason);
  }
  for (const named of await excludedBySecretName([...new Set(entries.map(({ path }) => path))], scan))
    return inCommit(...named);
  return reasonByContent(root, commits, entries, scan);
}

/** @returns null if it is more than what the other machine would check */
async function changesOf(root: string, commits: readonly string[]): Promise<Buffer | null> {
  const list = ["diff-tree", "--stdin", "-c", "--root", "-r", "-z", "--raw", "--no-renames", "--no-commit-id"];
  const stdin = Buffer.from(`${commits.join("\n")}\n`);
  try {
    return await gitBytes(root, list, { stdin, maxOutputBytes: MAX_CHANGES_BYTES });
  } catch (error) {
    if (error instanceof TooMuchOutput) return null;
    throw error;
  }
}

function reasonByName(entry: ChangedEntry): string | null {
  if (hasForeignName(entry)) return HAS_FOREIGN_NAME;
  if (entry.to.mode === SUBMODULE) return IS_REPOSITORY;
  return excludedByName(entry.path);
}

async function reasonByContent(
  root: string,
  commits: readonly string[],
  entries: readonly ChangedEntry[],
  scan: Scan,
): Promise<string | null> {
  const byObject = entriesByObject(entries);
  const sizes = await objectSizes(root, [...commits, ...byObject.keys()]);
  let bytes = 0;
  for (const [object, size] of sizes) {
    bytes += size;
    const [entry] = byObject.get(object) ?? [];
    if (size > MAX_FILE_BYTES) return inCommit(entry?.path ?? object, IS_TOO_LARGE);
  }
  if (bytes > MAX_SCANNED_BYTES) return TOO_MANY;
  for await (const [object, content] of readObjects(root, sizes)) {
    const uses = byObject.get(object);
    if (uses === undefined) {
      const reason = await excludedBySecret("commit", content, scan);
      if (reason !== null) return `The message of one of them must stay here: ${reason}.`;
    }
    for (const { path, to } of uses ?? []) {
      const leadsOut = to.mode === LINK && leadsOutside(path, content.toString());
      const reason = leadsOut ? LEADS_OUTSIDE : await excludedByContent(path, content, scan);
      if (reason !== null) return inCommit(path, reason);
    }
  }
  return null;
}

function inCommit(path: string, reason: string): string {
  return `They contain ${path}: ${reason}.`;
}

/**
 * Bundles exactly the commits that were scanned: those from HEAD down to the pushed ones, by hash, because refs may have
 * moved since.
 *
 * @returns null if the bundle is too large
 */
async function bundleOf(root: string, head: string, boundary: readonly string[]): Promise<Buffer | null> {
  try {
    const stdin = Buffer.from(["HEAD", ...boundary.map((commit) => `^${commit}`), ""].join("\n"));
    const options = { stdin, maxOutputBytes: MAX_CAPSULE_BYTES };
    const bundle = await gitBytes(root, ["bundle", "create", "-q", "-", "--stdin"], options);
    if (parseBundle(bundle)?.refs[0]?.object !== head) throw new Error("it keeps changing.");
    return bundle;
  } catch (error) {
    if (error instanceof TooMuchOutput) return null;
    throw error;
  }
}
