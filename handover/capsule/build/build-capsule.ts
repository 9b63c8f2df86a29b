import { runGit, TooMuchOutput } from "../../../client/git/git.ts";
import { maskSecrets } from "../../../client/secrets/mask-secrets.ts";
import { scanForSecrets } from "../../../client/secrets/secret-scan.ts";
import { printable } from "../../../client/text/printable.ts";
import { changedEntries } from "../../git/git-entries.ts";
import { findRepository, type Repository } from "../../git/repository.ts";
import { workTreeStatus } from "../../git/work-tree-status.ts";
import { type CapsuleContent, MAX_CAPSULE_BYTES, MAX_UNFOLDED_BYTES, packCapsule } from "../capsule-file.ts";
import { type Exclusion, excludedBySecretName, HAS_FOREIGN_NAME, type Scan } from "../exclusions.ts";
import { MAX_FILES, unfoldsToTooMuch } from "../patch-size.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { TooMuchWork } from "./candidate-files.ts";
import { type History, unpushedCommits } from "./unpushed-commits.ts";
import { workTreeAsPatch } from "./work-tree-patch.ts";

/** A session's work, ready to be carried, and what of it stays here. */
export interface BuiltCapsule {
  readonly content: CapsuleContent;
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Every file the capsule changes, relative to the root, fit to be shown. */
  readonly files: readonly string[];
  readonly excluded: readonly Exclusion[];
  /** How many commits it carries. */
  readonly commits: number;
  /** Why commits that are on no remote travel as uncommitted changes, as a sentence; null when none do. */
  readonly commitsLeftOut: string | null;
}

/** Why there is no capsule. The message is a sentence for a person. */
export class NoCapsule extends Error {
  override readonly name = "NoCapsule";

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

export interface BuildOptions {
  /** Looks for secrets; {@link scanForSecrets} when there is none. */
  readonly scan?: Scan;
}

const IS_TOO_LARGE = `The work is larger than ${MAX_CAPSULE_BYTES / 1024 / 1024} MiB, compressed.`;

const UNFOLDS_TO_TOO_MUCH = `The work is larger than ${MAX_UNFOLDED_BYTES / 1024 / 1024} MiB before it is compressed, or changes too many files.`;
const MAX_MANIFEST_BYTES = 4096;

/** Someone may commit, switch or write files meanwhile. */
const TRIES = 3;

/**
 * Builds the capsule of a repository's uncommitted and unpushed work.
 *
 * Nothing of the repository changes, not even its object database: what git has to write goes into a temporary index and
 * a temporary folder of objects, which are removed again. What is looked through for secrets is what leaves, byte for
 * byte, even when files change meanwhile.
 *
 * @throws NoCapsule when the folder is in no repository, when there is nothing to carry, when it is too much, or when git
 *   cannot read it
 */
export async function buildCapsule(
  folder: string,
  { scan = scanForSecrets }: BuildOptions = {},
): Promise<BuiltCapsule> {
  const repository = await findRepository(folder);
  if (typeof repository === "string") throw new NoCapsule(repository);
  let cause: unknown;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      const built = await buildOnce(repository, scan);
      if (built !== null) return built;
    } catch (error) {
      if (error instanceof NoCapsule) throw error;
      if (error instanceof TooMuchWork) throw new NoCapsule(error.message, { cause: error });
      if (error instanceof TooMuchOutput) throw new NoCapsule(IS_TOO_LARGE, { cause: error });
      cause = error; // such as a file that went away while git read it
    }
  }
  const why = cause instanceof Error ? cause.message : "it is being worked on right now.";
  throw new NoCapsule(`The work could not be packed: ${why}`, { cause });
}

/** @returns null when HEAD moved meanwhile */
async function buildOnce(repository: Repository, scan: Scan): Promise<BuiltCapsule | null> {
  const { root } = repository;
  const status = await workTreeStatus(root);
  const history = status.head === null ? BEFORE_ANY : await unpushedCommits(repository, status.head, scan);
  const work = await inTemporaryFolder((temporary) =>
    workTreeAsPatch(repository, status, history.base, temporary, scan),
  );
  if ((await headOf(root)) !== status.head) return null;
  const foreign = status.foreign.map((path) => ({ path, reason: HAS_FOREIGN_NAME }));
  const excluded = await fitToBeShown([...work.excluded, ...foreign]);
  if (work.patch.length === 0 && history.bundle === null) {
    const stays =
      excluded.length === 0 ? "" : ` but what must stay here (${excluded[0]?.path}: ${excluded[0]?.reason})`;
    throw new NoCapsule(`There is no uncommitted or unpushed work${stays}.`);
  }
  const content: CapsuleContent = {
    base: history.base,
    branch: status.branch === null ? null : await withoutSecret(status.branch, scan),
    patch: work.patch,
    bundle: history.bundle,
  };
  const unfolded = content.patch.length + (content.bundle?.length ?? 0) + MAX_MANIFEST_BYTES;
  if (unfolded > MAX_UNFOLDED_BYTES || unfoldsToTooMuch(content.patch)) throw new NoCapsule(UNFOLDS_TO_TOO_MUCH);
  const files = [...new Set([...(await committedFiles(root, history)), ...work.files])].map(printable).sort();
  if (files.length > MAX_FILES) throw new NoCapsule(UNFOLDS_TO_TOO_MUCH);
  const packed = packCapsule(content);
  if (packed.bytes.length > MAX_CAPSULE_BYTES) throw new NoCapsule(IS_TOO_LARGE);
  return {
    content,
    ...packed,
    files,
    excluded,
    commits: history.commits,
    commitsLeftOut: (await masked(printable(history.commitsLeftOut ?? ""))) || null,
  };
}

const BEFORE_ANY: History = { base: null, pushed: null, commits: 0, bundle: null, commitsLeftOut: null };

/** A name may be the secret. It is masked whole: a text that cuts long names would leave a part of it that no scan knows. */
async function fitToBeShown(excluded: readonly Exclusion[]): Promise<Exclusion[]> {
  const shown = excluded.map(({ path, reason }) => ({ path: printable(path), reason: printable(reason) }));
  const all = shown.map(({ path }) => path).join("\n");
  if ((await masked(all)) === all) return shown;
  return Promise.all(shown.map(async ({ path, reason }) => ({ path: await masked(path), reason })));
}

async function masked(text: string): Promise<string> {
  return (await maskSecrets(text)).text;
}

/** A branch's name only helps to fetch. */
async function withoutSecret(branch: string, scan: Scan): Promise<string | null> {
  return (await excludedBySecretName([branch], scan)).has(branch) ? null : branch;
}

async function headOf(root: string): Promise<string | null> {
  const { code, stdout } = await runGit(root, ["rev-parse", "-q", "--verify", "HEAD^{commit}"]);
  return code === 0 ? stdout.toString().trim() : null;
}

/** What the bundled commits change together; when they are the whole history, that is no change. */
async function committedFiles(root: string, { base, pushed, bundle }: History): Promise<string[]> {
  if (bundle === null || base === null || pushed === null) return [];
  return (await changedEntries(root, pushed, base)).map(({ path }) => path);
}
