import { findRepository as findOnDisk } from "../../../client/git/found-repository.ts";
import { GitTimeout, runGit, TooMuchOutput } from "../../../client/git/git.ts";
import { maskSecrets } from "../../../client/secrets/mask-secrets.ts";
import { scanForSecrets } from "../../../client/secrets/secret-scan.ts";
import { MAX_CAPSULE_BYTES } from "../../../contract/capsule.ts";
import { changedEntries } from "../../git/git-entries.ts";
import { findRepository, type Repository } from "../../git/repository.ts";
import { type WorkTreeStatus, workTreeStatus } from "../../git/work-tree-status.ts";
import { withRest } from "../../markdown.ts";
import { type CapsuleContent, MAX_UNPACKED_BYTES, packCapsule } from "../capsule-file.ts";
import { printable } from "../file-names.ts";
import { MAX_FILES, unpacksToTooMuch } from "../patch-file.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";
import { TooMuchWork } from "./candidate-files.ts";
import { type Exclusion, excludedBySecretName, HAS_FOREIGN_NAME, type Scan } from "./exclusions.ts";
import { type History, pushedAt, unpushedCommits } from "./unpushed-commits.ts";
import { workTreeAsPatch } from "./work-tree-patch.ts";

/** A capsule ready to send, and what it leaves out. */
export interface BuiltCapsule {
  readonly content: CapsuleContent;
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Every file the capsule changes, relative to the root, safe to print. */
  readonly files: readonly string[];
  readonly excluded: readonly Exclusion[];
  /** How many commits it carries. */
  readonly commits: number;
  /** Why unpushed commits are carried as uncommitted changes, as a sentence; null if they are not. */
  readonly commitsLeftOut: string | null;
  /** Which remote the other machine needs, as a sentence; null if it is the one that every clone has. */
  readonly needsRemote: string | null;
}

/** Why no capsule was built, as a sentence for a person. */
export class NoCapsule extends Error {
  override readonly name = "NoCapsule";

  /** Whether there is work, or may be, that therefore stays here. */
  readonly leavesWork: boolean;
  /** Whether all of that work must stay here. */
  readonly mustStay: boolean;

  constructor(message: string, { leavesWork = true, mustStay = false, ...options }: NoCapsuleOptions = {}) {
    super(printable(message), options);
    this.leavesWork = leavesWork;
    this.mustStay = mustStay;
  }
}

interface NoCapsuleOptions extends ErrorOptions {
  readonly leavesWork?: boolean;
  readonly mustStay?: boolean;
}

export interface BuildOptions {
  /** By default {@link scanForSecrets}. */
  readonly scan?: Scan;
}

const TOO_LARGE = `The work is larger than ${MAX_CAPSULE_BYTES / 1024 / 1024} MiB, compressed.`;

const TOO_LARGE_UNPACKED = `The work is larger than ${MAX_UNPACKED_BYTES / 1024 / 1024} MiB before it is compressed, or changes too many files.`;
const MAX_MANIFEST_BYTES = 4096;

/** Someone may commit, switch branches or write files while the capsule is built. */
const TRIES = 3;

/**
 * Builds the capsule of a repository's uncommitted and unpushed work.
 *
 * The repository does not change, not even its object database: git writes into a temporary index and a temporary object
 * folder. The bytes that are scanned for secrets are exactly the bytes that leave, even if files change during the build.
 *
 * @throws NoCapsule if the folder is not in a repository, if there is no work or too much of it, or if git cannot read it
 */
export async function buildCapsule(
  folder: string,
  { scan = scanForSecrets }: BuildOptions = {},
): Promise<BuiltCapsule> {
  const repository = await findRepository(folder);
  if (typeof repository === "string") throw new NoCapsule(repository, { leavesWork: existsInGit(folder) });
  let cause: unknown;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      const built = await buildOnce(repository, scan);
      if (built !== null) return built;
    } catch (error) {
      if (error instanceof NoCapsule) throw error;
      if (error instanceof TooMuchWork) throw new NoCapsule(error.message, { cause: error });
      if (error instanceof TooMuchOutput) throw new NoCapsule(TOO_LARGE, { cause: error });
      if (error instanceof GitTimeout) throw new NoCapsule(notPacked(error.message), { cause: error });
      cause = error; // such as a file that was deleted while git read it
    }
  }
  const why = cause instanceof Error ? cause.message : "it keeps changing.";
  throw new NoCapsule(notPacked(why), { cause });
}

/** A repository that git refuses, or a bare one. */
function existsInGit(folder: string): boolean {
  return findOnDisk(folder) !== null;
}

function notPacked(why: string): string {
  return `The work could not be packed: ${why}`;
}

/** @returns null if HEAD moved during the build */
async function buildOnce(repository: Repository, scan: Scan): Promise<BuiltCapsule | null> {
  const { root } = repository;
  const status = await workTreeStatus(root);
  const history = await historyOf(repository, status, scan);
  const work = await inTemporaryFolder((temporary) =>
    workTreeAsPatch(repository, status, history.base, temporary, scan),
  );
  if ((await headOf(root)) !== status.head) return null;
  const foreign = status.foreign.map((path) => ({ path, reason: HAS_FOREIGN_NAME }));
  const excluded = await printableExclusions([...work.excluded, ...foreign]);
  if (work.patch.length === 0 && history.bundle === null) {
    const stays = excluded.length === 0 ? "" : ` except what must stay here (${someOf(excluded)})`;
    const mustStay = excluded.length > 0;
    throw new NoCapsule(`There is no uncommitted or unpushed work${stays}.`, { leavesWork: mustStay, mustStay });
  }
  const content: CapsuleContent = {
    base: history.base,
    branch: status.branch === null ? null : await safeBranch(status.branch, scan),
    patch: work.patch,
    bundle: history.bundle,
  };
  const unpacked = content.patch.length + (content.bundle?.length ?? 0) + MAX_MANIFEST_BYTES;
  if (unpacked > MAX_UNPACKED_BYTES || unpacksToTooMuch(content.patch)) throw new NoCapsule(TOO_LARGE_UNPACKED);
  const files = [...new Set([...(await committedFiles(root, history)), ...work.files])].map(printable).sort();
  if (files.length > MAX_FILES) throw new NoCapsule(TOO_LARGE_UNPACKED);
  const packed = packCapsule(content);
  if (packed.bytes.length > MAX_CAPSULE_BYTES) throw new NoCapsule(TOO_LARGE);
  return {
    content,
    ...packed,
    files,
    excluded,
    commits: history.commits,
    commitsLeftOut: (await masked(printable(history.commitsLeftOut ?? ""))) || null,
    needsRemote: (await masked(printable(history.needsRemote ?? ""))) || null,
  };
}

async function historyOf(repository: Repository, { head, branch }: WorkTreeStatus, scan: Scan): Promise<History> {
  return head === null ? pushedAt(null) : unpushedCommits(repository, { head, branch }, scan);
}

/** A file name may be the secret. Masks it whole: if a text cut it, the scan would not recognise the rest. */
async function printableExclusions(excluded: readonly Exclusion[]): Promise<Exclusion[]> {
  const shown = excluded.map(({ path, reason }) => ({ path: printable(path), reason: printable(reason) }));
  const all = shown.map(({ path }) => path).join("\n");
  if ((await masked(all)) === all) return shown;
  return Promise.all(shown.map(async ({ path, reason }) => ({ path: await masked(path), reason })));
}

const MAX_NAMED = 5;

function someOf(excluded: readonly Exclusion[]): string {
  const named = excluded.slice(0, MAX_NAMED).map(({ path, reason }) => `${path}: ${reason}`);
  return withRest(excluded.map(String), named, (rest) => `and ${rest} more`).join("; ");
}

async function masked(text: string): Promise<string> {
  return (await maskSecrets(text)).text;
}

/** Leaves out a branch name that is a secret: it only helps to fetch. */
async function safeBranch(branch: string, scan: Scan): Promise<string | null> {
  return (await excludedBySecretName([branch], scan)).has(branch) ? null : branch;
}

async function headOf(root: string): Promise<string | null> {
  const { code, stdout } = await runGit(root, ["rev-parse", "-q", "--verify", "HEAD^{commit}"]);
  return code === 0 ? stdout.toString().trim() : null;
}

/** Files that the bundled commits change together; none if the commits are the whole history. */
async function committedFiles(root: string, { base, pushed, bundle }: History): Promise<string[]> {
  if (bundle === null || base === null || pushed === null) return [];
  return (await changedEntries(root, pushed, base)).map(({ path }) => path);
}
