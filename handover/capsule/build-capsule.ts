import { lstat, mkdtemp, open, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CapsuleContent, MAX_CAPSULE_BYTES, packCapsule } from "./capsule-file.ts";
import { type Exclusion, excludedByContent, excludedByName } from "./exclusions.ts";
import { leadsOutside } from "./link-target.ts";
import { gitBytes, gitText, runGit } from "./run-git.ts";

/** A session's work, ready to be carried, and what of it stays here. */
export interface BuiltCapsule {
  readonly content: CapsuleContent;
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Every file the capsule changes, relative to the root. */
  readonly files: readonly string[];
  readonly excluded: readonly Exclusion[];
}

/** Why there is no capsule. The message is a sentence for a person. */
export class NoCapsule extends Error {
  override readonly name = "NoCapsule";
}

export interface BuildOptions {
  /** Looks for secrets in a file. @returns what it found in a few words, null when nothing */
  readonly scan?: (path: string, content: Buffer) => Promise<string | null>;
}

/**
 * Builds the capsule of a repository's uncommitted and unpushed work.
 *
 * Nothing of the repository changes, not even its object database: what git has to write goes into a temporary index and
 * a temporary folder of objects, which are removed again.
 *
 * @throws NoCapsule when the folder is in no repository, when there is nothing to carry, or when it is too much
 */
export async function buildCapsule(folder: string, { scan }: BuildOptions = {}): Promise<BuiltCapsule> {
  const root = await rootOf(folder);
  const base = await headOf(root);
  const { included, excluded } = await sortChanges(root, base, scan);
  const patch = await patchOf(root, base, included);
  const bundle = base === null ? null : await bundleOf(root);
  if (patch.length === 0 && bundle === null) throw new NoCapsule("There is no uncommitted or unpushed work.");
  const branch = await runGit(root, ["symbolic-ref", "--short", "-q", "HEAD"]);
  const content: CapsuleContent = {
    base,
    branch: branch.code === 0 ? branch.stdout.toString().trim() : null,
    patch,
    bundle,
  };
  const packed = packCapsule(content);
  if (packed.bytes.length > MAX_CAPSULE_BYTES) {
    throw new NoCapsule(`The work is larger than ${MAX_CAPSULE_BYTES / 1024 / 1024} MiB, compressed.`);
  }
  return { content, ...packed, files: included, excluded };
}

async function rootOf(folder: string): Promise<string> {
  const { code, stdout } = await runGit(folder, ["rev-parse", "--show-toplevel"]);
  if (code !== 0) throw new NoCapsule("This folder is in no git repository with files.");
  return stdout.toString().replace(/\r?\n$/, "");
}

async function headOf(root: string): Promise<string | null> {
  const { code, stdout } = await runGit(root, ["rev-parse", "-q", "--verify", "HEAD^{commit}"]);
  return code === 0 ? stdout.toString().trim() : null;
}

/** Every path that differs from the base, tracked or not, ignored ones left out. */
async function changedPaths(root: string, base: string | null): Promise<string[]> {
  const untracked = split(await gitBytes(root, ["ls-files", "-z", "--others", "--exclude-standard"]));
  const tracked =
    base === null
      ? split(await gitBytes(root, ["ls-files", "-z", "--cached"]))
      : split(await gitBytes(root, ["diff", "--no-ext-diff", "--no-renames", "--name-only", "-z", base]));
  // Staged and then removed from the work tree alone, or the other way round: the index has names of its own.
  const staged =
    base === null ? [] : split(await gitBytes(root, ["diff", "--cached", "--no-renames", "--name-only", "-z", base]));
  return [...new Set([...tracked, ...staged, ...untracked])].sort();
}

async function sortChanges(root: string, base: string | null, scan: BuildOptions["scan"]) {
  const included: string[] = [];
  const excluded: Exclusion[] = [];
  const modules = await submodules(root);
  for (const path of await changedPaths(root, base)) {
    const reason = excludedByName(path) ?? (await reasonAgainst(root, path, modules.has(path), scan));
    if (reason === null) included.push(path);
    else excluded.push({ path, reason });
  }
  return { included, excluded };
}

async function submodules(root: string): Promise<Set<string>> {
  const entries = split(await gitBytes(root, ["ls-files", "-s", "-z"]));
  return new Set(entries.filter((entry) => entry.startsWith("160000 ")).map((entry) => entry.split("\t")[1] ?? ""));
}

async function reasonAgainst(
  root: string,
  path: string,
  isModule: boolean,
  scan: BuildOptions["scan"],
): Promise<string | null> {
  const file = join(root, path);
  const stats = await lstat(file).catch(() => null);
  if (stats === null) return null; // deleted
  if (stats.isSymbolicLink())
    return leadsOutside(path, await readlink(file)) ? "it is a link that leads out of the project" : null;
  if (stats.isDirectory()) return path.endsWith("/") || isModule ? "it is a repository of its own" : null; // else: a file that became a folder
  if (!stats.isFile()) return "it is no file";
  const handle = await open(file);
  try {
    const start = Buffer.alloc(200);
    const { bytesRead } = await handle.read(start, 0, start.length, 0);
    const reason = excludedByContent(stats.size, start.subarray(0, bytesRead));
    if (reason !== null || scan === undefined) return reason;
    const found = await scan(path, await handle.readFile());
    return found === null ? null : `it may hold a secret: ${found}`;
  } finally {
    await handle.close();
  }
}

/** The difference between the base and the work tree, for these paths. */
async function patchOf(root: string, base: string | null, paths: readonly string[]): Promise<Buffer> {
  if (paths.length === 0) return Buffer.alloc(0);
  const temporary = await mkdtemp(join(tmpdir(), "photon-capsule-"));
  try {
    const objects = await gitText(root, ["rev-parse", "--path-format=absolute", "--git-path", "objects"]);
    const env = {
      GIT_INDEX_FILE: join(temporary, "index"),
      GIT_OBJECT_DIRECTORY: temporary,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objects),
    };
    if (base !== null) await gitBytes(root, ["read-tree", base], { env });
    const list = Buffer.from(paths.map((path) => `${path}\0`).join(""));
    // Not `add`: it refuses a path that is a file here and was a folder in the base, and follows what is ignored.
    await gitBytes(root, ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], { env, stdin: list });
    const tree = await gitText(root, ["write-tree"], { env });
    const from =
      base ?? (await gitText(root, ["hash-object", "-t", "tree", "-w", "--stdin"], { env, stdin: Buffer.alloc(0) }));
    return await gitBytes(
      root,
      ["diff-tree", "-p", "--binary", "--full-index", "--no-renames", "--no-textconv", from, tree],
      { env },
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Commits of HEAD that no remote is known to have; null when there are none. */
async function bundleOf(root: string): Promise<Buffer | null> {
  const unpushed = await gitText(root, ["rev-list", "--max-count=1", "HEAD", "--not", "--remotes"]);
  if (unpushed === "") return null;
  const { code, stdout } = await runGit(root, ["bundle", "create", "-q", "-", "HEAD", "--not", "--remotes"]);
  return code === 0 ? stdout : null;
}

/** A list of folders has separators of its own; a quoted one may hold them. */
function quoted(folder: string): string {
  return `"${folder.replace(/["\\]/g, "\\$&")}"`;
}

function split(bytes: Buffer): string[] {
  return bytes.toString().split("\0").filter(Boolean);
}
