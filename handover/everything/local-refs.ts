import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gitText, runGit } from "../../client/git/git.ts";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { isPlainBranch } from "../capsule/capsule-file.ts";
import type { CarriedRef } from "../capsule/carried-refs.ts";
import type { Repository } from "../git/repository.ts";
import { notOnAny } from "../git/shared-remote.ts";
import type { Worktree } from "./known-repositories.ts";

/** A branch, a stash or a tag that would be lost with this machine. A tag travels as a branch. */
export interface LocalRef extends CarriedRef {
  /** How many commits no remote that another machine can reach has; for a stash 1. */
  readonly commits: number;
  /** Of its newest commit; masked, and short. */
  readonly subject: string;
  /** Its name on this machine, masked, if it travels under another one; else null. */
  readonly calledHere: string | null;
}

const TIMEOUT_MS = 30_000;
const MAX_SUBJECT_CHARS = 60;
const MAX_NAME_CHARS = 100;

/**
 * The branches with commits that no remote has, as of the last fetch, then the commits of detached worktrees that are gone
 * and that no branch has, then the stashes.
 *
 * @param remotes - those that another machine can reach
 * @throws Error if git fails or does not answer in time
 */
export async function localRefs(
  { root, objects }: Repository,
  worktrees: readonly Worktree[],
  remotes: readonly string[],
): Promise<LocalRef[]> {
  const branches = await branchesIn(root, await tipsIn(root, ["--branches", ...notOnAny(remotes)]), remotes);
  const detached = await detachedCommits(root, worktrees, remotes);
  return named([...branches, ...detached, ...(await stashes(root, dirname(objects)))]);
}

/** The tags with commits that no branch and no remote has, as branches. The tag's own text does not travel. */
export async function localTags({ root }: Repository, remotes: readonly string[]): Promise<LocalRef[]> {
  const tips = await tipsIn(root, ["--tags", ...notOnAny(remotes), "--branches"]);
  return named(await branchesIn(root, tips, remotes, "refs/tags/"));
}

async function named(refs: readonly Found[]): Promise<LocalRef[]> {
  const named: LocalRef[] = [];
  const taken = new Set(refs.filter(({ kind }) => kind === "branch").map(({ name }) => name));
  for (const { name, subject, isTag, ...ref } of refs) {
    const calledHere = await shown(isTag === true ? `tag ${name.slice(TAG.length)}` : name, MAX_NAME_CHARS);
    const isFit = ref.kind === "stash" || (isPlainBranch(name) && (await maskSecrets(name)).text === name);
    named.push({
      ...ref,
      // A name that is a secret, or that a terminal obeys, stays here; the commits need not.
      name: isFit ? name : freeName(`branch-${ref.commit.slice(0, 12)}`, taken),
      calledHere: isFit && isTag !== true ? null : calledHere,
      subject: await shown(subject, MAX_SUBJECT_CHARS),
    });
  }
  return named;
}

/** Several names may stand for one commit. A capsule in which a name occurs twice cannot be opened. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  taken.add(free);
  return free;
}

interface Found extends Omit<LocalRef, "calledHere"> {
  readonly isTag?: boolean;
}

/** Before the name of a tag that travels as a branch. */
const TAG = "photon/tag/";

async function tipsIn(root: string, which: readonly string[]): Promise<Set<string>> {
  return new Set((await ask(root, ["rev-list", "--simplify-by-decoration", ...which])).split("\n").filter(Boolean));
}

async function branchesIn(
  root: string,
  tips: ReadonlySet<string>,
  remotes: readonly string[],
  place: "refs/heads/" | "refs/tags/" = "refs/heads/",
): Promise<Found[]> {
  if (tips.size === 0) return [];
  const isTag = place === "refs/tags/";
  // Of an annotated tag, the commit.
  const format = "--format=%(objectname) %(*objectname) %(refname)%00%(contents:subject)";
  const found: Found[] = [];
  for (const line of (await ask(root, ["for-each-ref", format, place])).split("\n")) {
    const [, object = "", peeled = "", ref = "", subject = ""] = /^(\S+) (\S*) ([^\0]+)\0(.*)$/.exec(line) ?? [];
    const commit = peeled || object;
    if (!tips.has(commit)) continue;
    const commits = Number(await ask(root, ["rev-list", "--count", commit, ...notOnAny(remotes)]));
    const name = `${isTag ? TAG : ""}${ref.slice(place.length)}`;
    found.push({ kind: "branch", name, commit, commits, subject, isTag });
  }
  return found;
}

/**
 * The commits of a worktree whose folder is gone: git still knows them, until it removes the worktree. Those of one that
 * exists travel with its capsule, except what a remote has that the other machine cannot reach.
 */
async function detachedCommits(
  root: string,
  worktrees: readonly Worktree[],
  remotes: readonly string[],
): Promise<Found[]> {
  const found: Found[] = [];
  for (const { head, branch, exists } of worktrees) {
    if (branch !== null || head === null || found.some(({ commit }) => commit === head)) continue;
    const commits = await commitsOnNoBranch(root, head, remotes);
    if (commits === 0) continue;
    if (exists && commits === Number(await ask(root, ["rev-list", "--count", head, ...ON_NO_BRANCH, "--remotes"])))
      continue;
    const subject = await ask(root, ["log", "-1", "--format=%s", head]);
    found.push({ kind: "branch", name: `detached-${head.slice(0, 12)}`, commit: head, commits, subject });
  }
  return found;
}

const ON_NO_BRANCH = ["--not", "--branches"];

/** How many commits neither a branch here nor a remote that another machine can reach has. */
export async function commitsOnNoBranch(root: string, commit: string, remotes: readonly string[]): Promise<number> {
  return Number(await ask(root, ["rev-list", "--count", commit, ...notOnAny(remotes), "--branches"]));
}

/** Those that git lists; the newest even if its list is gone; then those that an unfinished rebase or merge made. */
async function stashes(root: string, gitFolder: string): Promise<Found[]> {
  const list = ["log", "--walk-reflogs", "--format=%H", "refs/stash", "--"];
  const { stdout } = await runGit(root, list, { timeoutMs: TIMEOUT_MS }); // fails if there is none
  const commits = new Set(stdout.toString().split("\n").filter(Boolean));
  for (const name of ["refs/stash", ...autostashesIn(gitFolder)]) {
    const verify = ["rev-parse", "--quiet", "--verify", `${name}^{commit}`];
    const found = (await runGit(root, verify, { timeoutMs: TIMEOUT_MS })).stdout.toString().trim();
    if (found !== "") commits.add(found);
  }
  const found: Found[] = [];
  for (const commit of commits) {
    const subject = await ask(root, ["log", "-1", "--format=%s", commit]);
    found.push({ kind: "stash", name: String(found.length), commit, commits: 1, subject });
  }
  return found;
}

/** The commits that `--autostash` made, in all worktrees, the absent ones included. */
function autostashesIn(gitFolder: string): string[] {
  const worktrees = join(gitFolder, "worktrees");
  const folders = [
    gitFolder,
    ...(existsSync(worktrees) ? readdirSync(worktrees) : []).map((name) => join(worktrees, name)),
  ];
  return folders.flatMap((folder) =>
    ["rebase-merge/autostash", "rebase-apply/autostash", "MERGE_AUTOSTASH"].flatMap((name) => {
      const file = join(folder, name);
      const text = existsSync(file) ? readFileSync(file, "latin1").trim() : "";
      return /^[0-9a-f]{40,64}$/.test(text) ? [text] : [];
    }),
  );
}

function ask(root: string, args: readonly string[]): Promise<string> {
  return gitText(root, args, { timeoutMs: TIMEOUT_MS });
}

/** Masked before it is cut: the scan does not recognise a part of a secret. */
async function shown(text: string, maxChars: number): Promise<string> {
  return clip(cleanLine((await maskSecrets(text)).text, 1_000), maxChars);
}
