import { firstComplaint, type GitOptions, gitBytes, gitText, runGit } from "../../../client/git/git.ts";
import { type Bundle, MAX_OBJECTS, objectsIn, parseBundle } from "../bundle-file.ts";
import { type CapsuleContent, isPlainBranch } from "../capsule-file.ts";
import { NotApplied, UNPACKS_TO_TOO_MUCH } from "./not-applied.ts";

/** The commit that the work starts from. */
export interface Base {
  /** The commit that the patch applies to. */
  readonly commit: string;
  /** Pushed commits that the bundled ones build on; null if there is no bundle because the base itself is pushed. */
  readonly pushed: readonly string[] | null;
  /** Whether this repository already had these commits. */
  readonly wasHere: boolean;
}

/** Limit for commits and files together. A capsule is built from at most 64 MiB, and git adds the bases of deltas. */
const MAX_UNPACKED_BUNDLE_BYTES = 96 * 1024 * 1024;
/** Limit for the names of all files, in addition to those in HEAD. */
const MAX_NAMES_BYTES = 16 * 1024 * 1024;

const FETCH_TIMEOUT_MS = 120_000;
/** For a remote to say which branches it has; a person may type a passphrase meanwhile. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Finds the base commit in this repository, in the bundle or on a remote. Bundled commits are unpacked into the object
 * folder that the options name. Fetched commits go into the repository, without a branch or any other ref.
 *
 * @throws NotApplied if the commit cannot be found or the bundle is invalid
 */
export async function findBase(root: string, content: CapsuleContent, options: GitOptions): Promise<Base> {
  const { base } = content;
  const bundle = content.bundle === null ? null : parseBundle(content.bundle);
  if (content.bundle !== null && !isBundleOf(bundle, base)) throw new NotApplied("The capsule's commits are damaged.");
  if (base === null) return { commit: await emptyCommit(root, options), pushed: null, wasHere: false };
  const pushed = bundle?.prerequisites ?? null;
  const found = { commit: base, pushed, wasHere: false };
  if ((await hasCommit(root, base, options)) && (await hasCommits(root, pushed ?? [], options)))
    return { ...found, wasHere: true };
  if (bundle !== null && (await hasCommits(root, bundle.prerequisites, options))) {
    await unpackBase(root, bundle, base, options);
    return found;
  }
  const complaints = await fetchCommits(root, pushed ?? [base], content.branch);
  if (bundle !== null && (await hasCommits(root, bundle.prerequisites, options)))
    await unpackBase(root, bundle, base, options);
  if (await hasCommit(root, base, options)) return found;
  throw isNowhere(pushed?.[0] ?? base, complaints);
}

/**
 * Finds the commits of a capsule's branches and stashes: here, or in the bundle after what it builds on was found here or
 * on a remote. Unpacks as {@link findBase} does.
 *
 * @throws NotApplied if a commit cannot be found or the bundle is invalid
 */
export async function findTips(
  root: string,
  bundle: Bundle,
  tips: readonly string[],
  options: GitOptions,
): Promise<void> {
  if (await hasCommits(root, [...tips, ...bundle.prerequisites], options)) return;
  const complaints = (await hasCommits(root, bundle.prerequisites, options))
    ? []
    : await fetchCommits(root, bundle.prerequisites, null);
  for (const commit of bundle.prerequisites)
    if (!(await hasCommit(root, commit, options))) throw isNowhere(commit, complaints);
  await unpackBundle(root, bundle, tips, options);
  await refuseManyNames(root, tips, options);
}

function isNowhere(commit: string, complaints: readonly string[]): NotApplied {
  return new NotApplied(
    [
      `The work starts from the commit ${commit.slice(0, 12)}, which is neither here nor on a remote that answers.`,
      ...complaints.map((complaint) => `${complaint.replace(/\.$/, "")}.`),
      "Fetch it from the remote that has it, or push it there on the other machine, then resume again.",
    ].join(" "),
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

async function hasCommits(root: string, commits: readonly string[], options: GitOptions): Promise<boolean> {
  for (const commit of commits) if (!(await hasCommit(root, commit, options))) return false;
  return true;
}

/** Lets git check that every object is valid and none is missing. One bad object makes the whole bundle invalid. */
async function unpackBundle(
  root: string,
  { pack, prerequisites }: Bundle,
  tips: readonly string[],
  options: GitOptions,
): Promise<void> {
  if (objectsIn(pack) > MAX_OBJECTS) throw new NotApplied(UNPACKS_TO_TOO_MUCH);
  const index = ["-c", "core.deltaBaseCacheLimit=16m", "index-pack", "--stdin", "--fix-thin", "--strict"];
  const unpacked = await runGit(root, index, withMemoryLimit(options, pack));
  const complete =
    unpacked.code === 0 &&
    (await runGit(root, ["rev-list", "--objects", "--quiet", ...tips, "--not", ...prerequisites], options)).code === 0;
  if (!complete) throw new NotApplied("The capsule's commits are damaged, or contain something that git refuses.");
  await refuseManyBytes(root, options);
}

/** Guards against decompression bombs: a few kilobytes can hold gigabytes of commits. */
async function refuseManyBytes(root: string, options: GitOptions): Promise<void> {
  const alone = { ...options, env: { ...options.env, GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined } };
  const list = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)"];
  let bytes = 0;
  for (const line of (await gitText(root, list, alone)).split("\n")) {
    const [type, size] = line.split(" ");
    if (type !== "tree") bytes += Number(size);
  }
  if (bytes > MAX_UNPACKED_BUNDLE_BYTES) throw new NotApplied(UNPACKS_TO_TOO_MUCH);
}

async function unpackBase(root: string, bundle: Bundle, base: string, options: GitOptions): Promise<void> {
  await unpackBundle(root, bundle, [base], options);
  await refuseManyNames(root, [base], options);
}

/** Also guards against nested copies of one folder that add up to billions of files. */
export async function refuseManyNames(root: string, commits: readonly string[], options: GitOptions): Promise<void> {
  const names = ["ls-tree", "-r", "-z", "--name-only"];
  const head = await runGit(root, [...names, "HEAD"]);
  const limited = { ...options, maxOutputBytes: head.stdout.length + MAX_NAMES_BYTES };
  try {
    for (const commit of commits) await gitBytes(root, [...names, commit], limited);
  } catch (cause) {
    throw new NotApplied(UNPACKS_TO_TOO_MUCH, { cause });
  }
}

/**
 * Asks each remote for the commits: by hash, then for the branch (some remotes refuse hashes), then for the branches that
 * end at one of them, then for all branches. Updates no ref here.
 *
 * @returns why remotes did not answer, in git's words
 */
async function fetchCommits(root: string, commits: readonly string[], branch: string | null): Promise<string[]> {
  const remotes = (await gitText(root, ["remote"])).split("\n").filter(Boolean);
  remotes.sort((a, b) => Number(b === "origin") - Number(a === "origin"));
  const complaints: string[] = [];
  for (const remote of remotes) {
    try {
      const heads = await headsOf(root, remote);
      const ending = heads.filter(({ commit }) => commits.includes(commit));
      const wanted = [
        commits,
        branch === null ? [] : [`refs/heads/${branch}`],
        ending.map(({ name }) => name),
        heads.map(({ name }) => name),
      ];
      for (const refs of wanted.filter(({ length }) => length > 0))
        if ((await fetchRefs(root, remote, refs)) && (await hasCommits(root, commits, {}))) return [];
    } catch (error) {
      complaints.push(withoutPassword(`${remote}: ${error instanceof Error ? error.message : error}`));
    }
  }
  return complaints;
}

/** @throws GitTimeout: another try would take as long */
async function fetchRefs(root: string, remote: string, refs: readonly string[]): Promise<boolean> {
  const quiet = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="];
  const stdin = Buffer.from(refs.map((ref) => `${ref}\n`).join(""));
  const options = { timeoutMs: FETCH_TIMEOUT_MS, network: true, stdin };
  return (await runGit(root, ["fetch", ...quiet, "--stdin", "--", remote], options)).code === 0;
}

/**
 * The remote's branches. Leaves out names that a branch cannot have: some remotes may list `x:refs/heads/main`, which would
 * be read as a refspec that writes a branch here.
 *
 * @throws Error with git's complaint if the remote does not answer
 */
async function headsOf(root: string, remote: string): Promise<{ commit: string; name: string }[]> {
  const options = { timeoutMs: ANSWER_TIMEOUT_MS, network: true };
  const { code, stdout, stderr } = await runGit(root, ["ls-remote", "--heads", "--", remote], options);
  if (code !== 0) throw new Error(firstComplaint(stderr));
  return [...stdout.toString().matchAll(/^([0-9a-f]+)\trefs\/heads\/(.+)$/gm)]
    .map(([, commit = "", branch = ""]) => ({ commit, branch }))
    .filter(({ branch }) => isPlainBranch(branch))
    .map(({ commit, branch }) => ({ commit, name: `refs/heads/${branch}` }));
}

/** Git quotes the remote's URL, which may hold a password. */
function withoutPassword(text: string): string {
  return text.replace(/(\w:\/\/)[^/@\s']*@/g, "$1");
}

export async function emptyTree(root: string, options: GitOptions): Promise<string> {
  return gitText(root, ["hash-object", "-t", "tree", "-w", "--stdin"], { ...options, stdin: Buffer.alloc(0) });
}

/** Has the same hash in every repository. */
async function emptyCommit(root: string, options: GitOptions): Promise<string> {
  return commitOf(root, await emptyTree(root, options), [], "Before the first commit", options);
}

/** Makes a commit with a fixed author and date, so that the same content always gets the same hash. */
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

const ALLOC_LIMIT_BYTES = 32 * 1024 * 1024;

/**
 * Limits git's allocations while it unpacks untrusted bytes: it would take as much memory as they claim to need. A file
 * of the work is at most 2 MiB. Git also reads the input whole, into a buffer that grows by half each time.
 */
export function withMemoryLimit(options: GitOptions, stdin: Buffer): GitOptions {
  const limit = Math.round((ALLOC_LIMIT_BYTES + 2 * stdin.length) / 1024);
  return { ...options, stdin, env: { ...options.env, GIT_ALLOC_LIMIT: `${limit}k` } };
}
