import { gitText, runGit } from "../../client/git/git.ts";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { isPlainBranch } from "../capsule/capsule-file.ts";
import type { CarriedRef } from "../capsule/carried-refs.ts";
import type { Worktree } from "./known-repositories.ts";

/** A branch or a stash that would be lost with this machine. */
export interface LocalRef extends CarriedRef {
  /** How many commits no remote has; for a stash 1. */
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
 * @throws Error if git fails or does not answer in time
 */
export async function localRefs(root: string, worktrees: readonly Worktree[]): Promise<LocalRef[]> {
  const refs = [...(await localBranches(root)), ...(await detachedCommits(root, worktrees)), ...(await stashes(root))];
  const named: LocalRef[] = [];
  const taken = new Set(refs.filter(({ kind }) => kind === "branch").map(({ name }) => name));
  for (const { name, subject, ...ref } of refs) {
    const calledHere = await shown(name, MAX_NAME_CHARS);
    const isFit = ref.kind === "stash" || (isPlainBranch(name) && (await maskSecrets(name)).text === name);
    named.push({
      ...ref,
      // A name that is a secret, or that a terminal obeys, stays here; the commits need not.
      name: isFit ? name : freeName(`branch-${ref.commit.slice(0, 12)}`, taken),
      calledHere: isFit ? null : calledHere,
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

type Found = Omit<LocalRef, "calledHere">;

/** Commits of the branch that no remote has. */
const NOT_ON_REMOTES = ["--not", "--remotes"];

async function localBranches(root: string): Promise<Found[]> {
  const simplified = ["rev-list", "--simplify-by-decoration", "--branches", ...NOT_ON_REMOTES];
  const tips = new Set((await ask(root, simplified)).split("\n").filter(Boolean));
  if (tips.size === 0) return [];
  const heads = await ask(root, [
    "for-each-ref",
    "--format=%(objectname) %(refname)%00%(contents:subject)",
    "refs/heads/",
  ]);
  const found: Found[] = [];
  for (const line of heads.split("\n")) {
    const [, commit = "", name = "", subject = ""] = /^(\S+) refs\/heads\/([^\0]+)\0(.*)$/.exec(line) ?? [];
    if (!tips.has(commit)) continue;
    const commits = Number(await ask(root, ["rev-list", "--count", commit, ...NOT_ON_REMOTES]));
    found.push({ kind: "branch", name, commit, commits, subject });
  }
  return found;
}

/** The commits of a worktree whose folder was deleted: git still knows them, until it removes the worktree. */
async function detachedCommits(root: string, worktrees: readonly Worktree[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const { head, branch, exists } of worktrees) {
    if (exists || branch !== null || head === null) continue;
    const commits = await commitsOnNoBranch(root, head);
    if (commits === 0 || found.some(({ commit }) => commit === head)) continue;
    const subject = await ask(root, ["log", "-1", "--format=%s", head]);
    found.push({ kind: "branch", name: `detached-${head.slice(0, 12)}`, commit: head, commits, subject });
  }
  return found;
}

/** How many commits neither a branch here nor a remote has. */
export async function commitsOnNoBranch(root: string, commit: string): Promise<number> {
  return Number(await ask(root, ["rev-list", "--count", commit, "--not", "--branches", "--remotes"]));
}

async function stashes(root: string): Promise<Found[]> {
  const list = ["log", "--walk-reflogs", "--format=%H%x00%s", "refs/stash", "--"];
  const { code, stdout } = await runGit(root, list, { timeoutMs: TIMEOUT_MS });
  if (code !== 0) return []; // there is none
  return stdout
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line, at) => {
      const [commit = "", subject = ""] = line.split("\0");
      return { kind: "stash", name: String(at), commit, commits: 1, subject };
    });
}

function ask(root: string, args: readonly string[]): Promise<string> {
  return gitText(root, args, { timeoutMs: TIMEOUT_MS });
}

/** Masked before it is cut: the scan does not recognise a part of a secret. */
async function shown(text: string, maxChars: number): Promise<string> {
  return clip(cleanLine((await maskSecrets(text)).text, 1_000), maxChars);
}
