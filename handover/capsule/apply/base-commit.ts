import { type GitOptions, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { type Bundle, parseBundle } from "../bundle-file.ts";
import type { CapsuleContent } from "../capsule-file.ts";
import { frugal } from "./frugal.ts";
import { NotApplied } from "./patched-files.ts";

/** Where the work begins. */
export interface Base {
  /** The commit that the patch is made for. */
  readonly commit: string;
  /** Commits on the remote that the bundled ones stand on; null: there is no bundle, and the base is one of them itself. */
  readonly pushed: readonly string[] | null;
  readonly wasHere: boolean;
}

/** More objects than 2,000 commits of a session's work have. */
const MAX_OBJECTS = 100_000;
/** Of commits and files; what is built has at most 64 MiB, and git adds what a difference is made from. */
const MAX_UNPACKED_BYTES = 96 * 1024 * 1024;
/** Of the names of all files, beyond those that are checked out here. */
const MAX_NAMES_BYTES = 16 * 1024 * 1024;
const TOO_MUCH = "It unfolds to more than a session's work can be.";

/** Fetching talks to another machine. */
const FETCH_TIMEOUT_MS = 120_000;

/**
 * Finds the commit that the work stands on: here, in the bundle, or on a remote. Commits from a bundle are written where
 * the options say; those from a remote into the repository, where no branch and no name shows them.
 *
 * @throws NotApplied when it is nowhere, or when the bundle is not what it should be
 */
export async function findBase(root: string, content: CapsuleContent, options: GitOptions): Promise<Base> {
  const { base } = content;
  const bundle = content.bundle === null ? null : parseBundle(content.bundle);
  if (content.bundle !== null && !isBundleOf(bundle, base)) throw new NotApplied("The commits in it are damaged.");
  if (base === null) return { commit: await emptyCommit(root, options), pushed: null, wasHere: false };
  const pushed = bundle?.prerequisites ?? null;
  const isHere = (commit: string) => hasCommit(root, commit, options);
  const found = { commit: base, pushed, wasHere: false };
  if ((await isHere(base)) && (await areHere(root, pushed ?? [], options))) return { ...found, wasHere: true };
  if (bundle !== null && (await areHere(root, bundle.prerequisites, options))) {
    await unfold(root, bundle, base, options);
    return found;
  }
  await fetchCommits(root, pushed ?? [base], content.branch);
  if (bundle !== null && (await areHere(root, bundle.prerequisites, options)))
    await unfold(root, bundle, base, options);
  if (await isHere(base)) return found;
  throw new NotApplied(
    `The commit ${(pushed?.[0] ?? base).slice(0, 12)} that the work stands on is neither here nor on a remote that answers.`,
  );
}

function isBundleOf(bundle: Bundle | null, base: string | null): bundle is Bundle {
  return (
    bundle !== null && bundle.refs.length === 1 && bundle.refs[0]?.object === base && bundle.refs[0].name === "HEAD"
  );
}

async function hasCommit(root: string, commit: string, options: GitOptions): Promise<boolean> {
  return (await runGit(root, ["cat-file", "-e", `${commit}^{commit}`], options)).code === 0;
}

async function areHere(root: string, commits: readonly string[], options: GitOptions): Promise<boolean> {
  for (const commit of commits) if (!(await hasCommit(root, commit, options))) return false;
  return true;
}

/** Git checks every object and that none is missing; what is wrong with one is no reason to keep the others. */
async function unfold(root: string, { pack, prerequisites }: Bundle, base: string, options: GitOptions): Promise<void> {
  if (pack.length < 12 || pack.readUInt32BE(8) > MAX_OBJECTS) throw new NotApplied(TOO_MUCH);
  const index = ["-c", "core.deltaBaseCacheLimit=16m", "index-pack", "--stdin", "--fix-thin", "--strict"];
  const unfolded = await runGit(root, index, frugal(options, pack));
  const complete =
    unfolded.code === 0 &&
    (await runGit(root, ["rev-list", "--objects", "--quiet", base, "--not", ...prerequisites], options)).code === 0;
  if (!complete) throw new NotApplied("The commits in it are damaged, or hold what git refuses.");
  await refuseFlood(root, base, options);
}

/**
 * A few kilobytes can hold commits of gigabytes, and folders of folders that are all the same one: billions of files for
 * whoever counts them. Ten times what is ever built is refused before git unfolds it.
 */
async function refuseFlood(root: string, base: string, options: GitOptions): Promise<void> {
  const alone = { ...options, env: { ...options.env, GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined } };
  const list = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)"];
  let bytes = 0;
  for (const line of (await gitText(root, list, alone)).split("\n")) {
    const [type, size] = line.split(" ");
    if (type !== "tree") bytes += Number(size);
  }
  if (bytes > MAX_UNPACKED_BYTES) throw new NotApplied(TOO_MUCH);
  const names = ["ls-tree", "-r", "-z", "--name-only"];
  const head = await runGit(root, [...names, "HEAD"]);
  try {
    await gitBytes(root, [...names, base], { ...options, maxOutputBytes: head.stdout.length + MAX_NAMES_BYTES });
  } catch (cause) {
    throw new NotApplied(TOO_MUCH, { cause });
  }
}

/** By their names alone; then the branch, for a remote that gives no commit by its name. No branch here moves. */
async function fetchCommits(root: string, commits: readonly string[], branch: string | null): Promise<void> {
  const remotes = (await gitText(root, ["remote"])).split("\n").filter(Boolean);
  remotes.sort((a, b) => Number(b === "origin") - Number(a === "origin"));
  const wanted = [[...commits], ...(branch === null ? [] : [[`refs/heads/${branch}`]]), ["refs/heads/*"]];
  for (const remote of remotes) {
    for (const refs of wanted) {
      const quiet = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="];
      await runGit(root, ["fetch", ...quiet, "--", remote, ...refs], {
        timeoutMs: FETCH_TIMEOUT_MS,
        network: true,
      }).catch(() => null);
      if (await areHere(root, commits, {})) return;
    }
  }
}

export async function emptyTree(root: string, options: GitOptions): Promise<string> {
  return gitText(root, ["hash-object", "-t", "tree", "-w", "--stdin"], { ...options, stdin: Buffer.alloc(0) });
}

/** The same in every repository. */
async function emptyCommit(root: string, options: GitOptions): Promise<string> {
  return commitOf(root, await emptyTree(root, options), [], "Before the first commit", options);
}

/** A commit of nobody, whoever makes it and whenever. */
export async function commitOf(
  root: string,
  tree: string,
  parents: readonly string[],
  message: string,
  options: GitOptions,
): Promise<string> {
  const who = { NAME: "photon", EMAIL: "photon@localhost", DATE: "1970-01-01T00:00:00Z" };
  const names = ["AUTHOR", "COMMITTER"].flatMap((role) =>
    Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value] as const),
  );
  const args = ["commit-tree", "--no-gpg-sign", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", message];
  const env = { ...options.env, ...Object.fromEntries(names) };
  return (await gitBytes(root, args, { ...options, env })).toString().trim();
}
