import { type Bundle, parseBundle } from "./bundle-file.ts";
import { isPlainBranch } from "./capsule-file.ts";

/** A branch or a stash that a capsule carries. */
export interface CarriedRef {
  readonly kind: "branch" | "stash";
  /** The branch's name; the number of a stash, from 0, the newest. Safe to print. */
  readonly name: string;
  readonly commit: string;
}

/** More branches and stashes than a repository of a person has in one capsule. */
const MAX_REFS = 1_000;

const BRANCH = "refs/heads/";
const STASH = "refs/stash/";

/**
 * Makes a bundle of branches and stashes. Git can only bundle refs that it finds in the repository, and only the newest
 * stash is one.
 *
 * @param prerequisites - commits that the other machine must have
 * @param pack - all other commits, as `git pack-objects --thin` writes them
 */
export function refsBundle(
  refs: readonly CarriedRef[],
  prerequisites: readonly string[],
  pack: Buffer,
  isSha256: boolean,
): Buffer {
  const lines = [
    ...(isSha256 ? ["# v3 git bundle", "@object-format=sha256"] : ["# v2 git bundle"]),
    ...prerequisites.map((commit) => `-${commit} `),
    ...refs.map(({ kind, name, commit }) => `${commit} ${kind === "branch" ? BRANCH : STASH}${name}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\n")}\n\n`), pack]);
}

/** @returns null if the bytes are not such a bundle, or a name in it is not safe */
export function parseRefsBundle(bytes: Buffer): { readonly bundle: Bundle; readonly refs: CarriedRef[] } | null {
  const bundle = parseBundle(bytes);
  if (bundle === null || bundle.refs.length === 0 || bundle.refs.length > MAX_REFS) return null;
  const refs = bundle.refs.flatMap(({ object, name: latin }) =>
    carriedRef(Buffer.from(latin, "latin1").toString(), object),
  );
  const isWhole =
    refs.length === bundle.refs.length && new Set(refs.map(({ kind, name }) => `${kind} ${name}`)).size === refs.length;
  return isWhole ? { bundle, refs } : null;
}

function carriedRef(ref: string, commit: string): CarriedRef[] {
  if (ref.startsWith(BRANCH) && isPlainBranch(ref.slice(BRANCH.length)))
    return [{ kind: "branch", name: ref.slice(BRANCH.length), commit }];
  const [, number] = /^refs\/stash\/(0|[1-9]\d{0,5})$/.exec(ref) ?? [];
  return number === undefined ? [] : [{ kind: "stash", name: number, commit }];
}
