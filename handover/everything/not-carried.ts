import { gitText } from "../../client/git/git.ts";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { counted, forCount } from "../../client/text/counted.ts";
import type { CarriedRef } from "../capsule/carried-refs.ts";
import { printable } from "../capsule/file-names.ts";
import { submodulesOf, unpushedSubmodules } from "../git/dirty-submodules.ts";
import type { Repository } from "../git/repository.ts";
import { notOnAny, reachableRemotes } from "../git/shared-remote.ts";
import { fitting, withRest } from "../markdown.ts";
import { shortFolder, type Worktree } from "./known-repositories.ts";

const TIMEOUT_MS = 30_000;
const SUBMODULES_MS = 10_000;
const MAX_NAMES_CHARS = 200;

/**
 * Names what no capsule carries and no remote is known to have: worktrees that are not there, commits in submodules, and
 * refs that are neither branches nor tags nor stashes. Each a sentence, masked and safe to print.
 *
 * @param listed - branches, stashes and tags that the report lists
 * @param remotes - those that another machine can reach
 * @throws Error if git fails or does not answer in time
 */
export async function notCarried(
  { root }: Repository,
  worktrees: readonly Worktree[],
  listed: readonly CarriedRef[],
  remotes: readonly string[],
): Promise<string[]> {
  const absent = worktrees.filter(({ exists }) => !exists);
  const sentences = absent.map(
    (worktree) => `The worktree ${shortFolder(worktree.root)} is not there now: it may hold uncommitted files.`,
  );
  for (const worktree of worktrees) if (worktree.exists) sentences.push(...(await aboutSubmodules(worktree.root)));
  const refs = await otherRefs(root, listed, remotes);
  if (refs.length > 0) {
    const names = withRest(refs, fitting(refs, ", ", MAX_NAMES_CHARS), (rest) => `and ${rest} more`).join(", ");
    sentences.push(
      `${counted(refs.length, "ref")} with what no branch and no remote that another machine can reach has: ${names}.`,
    );
  }
  return Promise.all(sentences.map(async (sentence) => (await maskSecrets(printable(sentence))).text));
}

/** Notes, replaced commits, what a remote in a folder has, and what was fetched from a remote that is gone. */
async function otherRefs(root: string, listed: readonly CarriedRef[], remotes: readonly string[]): Promise<string[]> {
  const prefetched = remotes.map((name) => `--glob=refs/prefetch/remotes/${name}`);
  const limit = ["--simplify-by-decoration", "--all", ...notOnAny(remotes), ...prefetched, "--branches"];
  const stdin = Buffer.from(listed.map(({ commit }) => `^${commit}\n`).join(""));
  const tips = await gitText(root, ["rev-list", "--stdin", ...limit], { stdin, timeoutMs: TIMEOUT_MS });
  const lost = new Set(tips.split("\n").filter(Boolean));
  const format = "--format=%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)";
  const refs = await gitText(root, ["for-each-ref", format], { timeoutMs: TIMEOUT_MS });
  return refs.split("\n").flatMap((line) => {
    const [object = "", type, peeled = "", peeledType, ...name] = line.split(" ");
    if (type === undefined) return [];
    const isCommit = type === "commit" || peeledType === "commit";
    return !isCommit || lost.has(peeled || object) ? [name.join(" ")] : [];
  });
}

async function aboutSubmodules(root: string): Promise<string[]> {
  const end = performance.now() + SUBMODULES_MS;
  const leftMs = () => end - performance.now();
  const madeHere = new Set(unpushedSubmodules(root, leftMs));
  const { paths, rest } = submodulesOf(root, leftMs);
  const sentences: string[] = [];
  for (const path of paths)
    if (madeHere.has(path) || (await hasOwnCommits(`${root}/${path}`)))
      sentences.push(`${shortFolder(root)}: the submodule ${path} has commits or stashes that no capsule carries.`);
  if (rest > 0)
    sentences.push(
      `${shortFolder(root)}: ${rest} more ${forCount(rest, "submodule was", "submodules were")} not looked at.`,
    );
  if (leftMs() < 0)
    sentences.push(`${shortFolder(root)}: looking into its submodules took too long; they may hold commits.`);
  return sentences;
}

/** On a branch, a tag or a stash of the submodule. What its HEAD alone has may be a commit that git fetched by its hash. */
async function hasOwnCommits(root: string): Promise<boolean> {
  const refs = [
    "--ignore-missing",
    "refs/stash",
    "--branches",
    "--tags",
    ...notOnAny(await reachableRemotes(root)),
    "--",
  ];
  const count = await gitText(root, ["rev-list", "--count", "--max-count=1", ...refs], { timeoutMs: TIMEOUT_MS });
  return count !== "0";
}
