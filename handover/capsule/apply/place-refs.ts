import { type GitOptions, gitText, runGit } from "../../../client/git/git.ts";
import type { CarriedRef } from "../carried-refs.ts";
import { NotApplied } from "./not-applied.ts";

/** A branch or a stash with its place in this repository. */
export interface PlacedRef extends CarriedRef {
  /** The branch's name here. It differs if the name is taken, or means something else here. */
  readonly as: string;
  /** Whether this repository has it already: a stash, or a branch that holds the commit under one of its names. */
  readonly isHere: boolean;
}

/** Far more than how often one branch differs between two machines. */
const MAX_TRIES = 100;

/** Finds a place for each branch and stash, so that no branch here moves and no name changes its meaning. */
export async function placeRefs(
  root: string,
  refs: readonly CarriedRef[],
  machine: string,
  options: GitOptions,
): Promise<PlacedRef[]> {
  const { branches, names } = await refsHere(root);
  const stashes = await stashesHere(root);
  const remotes = (await gitText(root, ["remote"])).split("\n").map((name) => name.toLowerCase());

  const place = async (ref: CarriedRef): Promise<PlacedRef> => {
    if (ref.kind === "stash") return { ...ref, as: ref.name, isHere: stashes.has(ref.commit) };
    for (let number = 0; number <= MAX_TRIES; number++) {
      const as =
        number === 0 ? ref.name : `${freePrefix(machine, branches)}${ref.name}${number === 1 ? "" : `-${number}`}`;
      const at = branches.get(as);
      if (at !== undefined && (await holds(root, at, ref.commit, options))) return { ...ref, as, isHere: true };
      if (isTaken(as, branches) || (number === 0 && meansOther(as, names, remotes))) continue;
      branches.set(as, ref.commit);
      return { ...ref, as, isHere: false };
    }
    throw new NotApplied(
      `There are already ${MAX_TRIES} branches named like ${freePrefix(machine, branches)}${ref.name}.`,
    );
  };
  const placed: PlacedRef[] = [];
  for (const ref of refs) placed.push(await place(ref));
  return placed;
}

/** The commits of the branches here by name, and the names of all refs. */
async function refsHere(root: string) {
  const lines = (await gitText(root, ["for-each-ref", "--format=%(objectname) %(refname)"])).split("\n");
  const refs = lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.split(" ")[0] ?? ""] as const);
  const heads = refs.filter(([name]) => name.startsWith(HEADS));
  return {
    branches: new Map(heads.map(([name, commit]) => [name.slice(HEADS.length), commit])),
    names: new Set(refs.map(([name]) => name)),
  };
}

const HEADS = "refs/heads/";

async function stashesHere(root: string): Promise<Set<string>> {
  const { stdout } = await runGit(root, ["rev-list", "--walk-reflogs", "refs/stash", "--"]);
  return new Set(stdout.toString().split("\n").filter(Boolean));
}

async function holds(root: string, tip: string, commit: string, options: GitOptions): Promise<boolean> {
  return tip === commit || (await runGit(root, ["merge-base", "--is-ancestor", commit, tip], options)).code === 0;
}

/** Some file systems do not distinguish case. A branch cannot have the name of another one's folder, nor the reverse. */
function isTaken(name: string, branches: ReadonlyMap<string, string>): boolean {
  const wanted = `${name.toLowerCase()}/`;
  return [...branches.keys()].some((each) => {
    const other = `${each.toLowerCase()}/`;
    return other.startsWith(wanted) || wanted.startsWith(other);
  });
}

/** A branch `photon`, or `photon/mac`, makes names below it impossible. The capsule itself may bring such a branch. */
function freePrefix(machine: string, branches: ReadonlyMap<string, string>): string {
  const folders = new Set([...branches.keys()].map((name) => `${name.toLowerCase()}/`));
  const isBlocked = (prefix: string) => [...folders].some((folder) => prefix.toLowerCase().startsWith(folder));
  const prefixes = [`photon/${refPart(machine)}/`, `photon-${refPart(machine)}/`];
  for (let number = 2; ; number++) {
    const free = prefixes.find((prefix) => !isBlocked(prefix));
    if (free !== undefined) return free;
    prefixes.push(`photon-${refPart(machine)}-${number}/`);
  }
}

/** The sender chooses the name. A branch `origin/main` would from then on be what `git merge origin/main` merges. */
function meansOther(name: string, names: ReadonlySet<string>, remotes: readonly string[]): boolean {
  const first = name.toLowerCase().split("/")[0] ?? "";
  const places = ["refs/", "refs/tags/", "refs/remotes/"];
  return (
    [...RESERVED, ...remotes].includes(first) ||
    places.some((place) => names.has(`${place}${name}`)) ||
    names.has(`refs/remotes/${name}/HEAD`) ||
    LIKE_COMMIT.test(name)
  );
}

const RESERVED = ["refs", "heads", "tags", "remotes", "stash", "@"];

/** Names that git reads as a commit: `FETCH_HEAD`, a short hash, and what `git describe` prints. */
const LIKE_COMMIT = /^(?:[A-Z_]*HEAD|[0-9a-f]{4,64})$|-g[0-9a-f]{4,64}$/i;

/** A machine name may have dots in places where a branch name may not. */
function refPart(machine: string): string {
  return machine.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/-+$/, "") || "machine";
}
