import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CapsuleContent } from "./capsule-file.ts";
import { NotApplied, type PatchedFile, patchedFiles, runsByItself } from "./patched-files.ts";
import { gitBytes, gitText, runGit } from "./run-git.ts";

/** What applying would do; nothing has been done. */
export interface CapsulePlan {
  readonly files: readonly PatchedFile[];
  /** Those of them that may run, or be obeyed, without being asked for. */
  readonly runsByItself: readonly string[];
  /** For applying here: files that were changed differently here. Not empty: it cannot be applied here. */
  readonly conflicts: readonly string[];
}

export interface AppliedCapsule extends CapsulePlan {
  /** The folder that has the work now. */
  readonly folder: string;
  /** null: the branch that was there. */
  readonly branch: string | null;
  /** The command that undoes it, for a shell, as long as nothing else was changed. */
  readonly undo: string;
}

interface Prepared {
  readonly root: string;
  readonly base: string;
  /** The base with the patch applied. */
  readonly tree: string;
  readonly files: PatchedFile[];
}

/**
 * Works out what a capsule would change in a repository. Objects are added to git's database, which shows nowhere.
 *
 * @param here - onto what is checked out, instead of onto the commit that it was made from
 * @throws NotApplied when it cannot be applied at all
 */
export async function planCapsule(folder: string, content: CapsuleContent, here: boolean): Promise<CapsulePlan> {
  const prepared = await prepare(folder, content);
  const merged = here ? await mergeOnto(prepared, content.patch) : { conflicts: [] };
  return planOf(prepared.files, merged.conflicts);
}

/**
 * Applies a capsule into a new branch in a new folder beside the repository. All of it or nothing.
 *
 * @param target - the new folder, and the name of the new branch
 * @throws NotApplied with nothing changed
 */
export async function applyInWorktree(
  folder: string,
  content: CapsuleContent,
  target: { readonly folder: string; readonly branch: string },
): Promise<AppliedCapsule> {
  const { root, base, tree, files } = await prepare(folder, content);
  const added = await runGit(root, ["worktree", "add", "--no-track", "-b", target.branch, target.folder, base]);
  if (added.code !== 0) throw new NotApplied(`No new folder could be made: ${firstLine(added.stderr)}`);
  const moved = await runGit(target.folder, ["read-tree", "-m", "-u", base, tree]);
  if (moved.code !== 0) {
    await runGit(root, ["worktree", "remove", "--force", target.folder]);
    await runGit(root, ["branch", "-D", target.branch]);
    throw new NotApplied(`The files could not be written: ${firstLine(moved.stderr)}`);
  }
  // As the work was: in files, not in the index; but new files must not look like changes of nobody.
  await gitBytes(target.folder, ["read-tree", base]);
  await runGit(target.folder, ["update-index", "-q", "--refresh"]);
  const undo = `git -C ${shellQuoted(root)} worktree remove --force ${shellQuoted(target.folder)} && git -C ${shellQuoted(root)} branch -D ${shellQuoted(target.branch)}`;
  return { ...planOf(files, []), folder: target.folder, branch: target.branch, undo };
}

/**
 * Applies a capsule onto what is checked out, which must be clean; where both changed a file, three ways. All of it or
 * nothing.
 *
 * @throws NotApplied with nothing changed
 */
export async function applyHere(folder: string, content: CapsuleContent): Promise<AppliedCapsule> {
  const prepared = await prepare(folder, content);
  const { root } = prepared;
  const status = await gitBytes(root, ["status", "--porcelain", "-z", "--untracked-files=no"]);
  if (status.length > 0)
    throw new NotApplied("There is uncommitted work here; commit it first, or apply without --here.");
  const head = await gitText(root, ["rev-parse", "HEAD"]).catch(() => null);
  const { tree, conflicts } = await mergeOnto(prepared, content.patch);
  if (tree === null) throw new NotApplied(`These files were changed here in another way: ${conflicts.join(", ")}.`);
  const from = head ?? (await emptyTree(root));
  const moved = await runGit(root, ["read-tree", "-m", "-u", from, tree]);
  if (moved.code !== 0) throw new NotApplied(`It would overwrite a file here: ${firstLine(moved.stderr)}`);
  const undo = head === null ? "git rm -r -f ." : `git -C ${shellQuoted(root)} reset --hard ${head}`;
  return { ...planOf(prepared.files, []), folder: root, branch: null, undo };
}

function planOf(files: readonly PatchedFile[], conflicts: readonly string[]): CapsulePlan {
  return { files, conflicts, runsByItself: files.filter(runsByItself).map(({ path }) => path) };
}

/** The repository with the base in it, and what the patch makes of that, checked. */
async function prepare(folder: string, content: CapsuleContent): Promise<Prepared> {
  const found = await runGit(folder, ["rev-parse", "--show-toplevel"]);
  if (found.code !== 0) throw new NotApplied("This folder is in no git repository.");
  const root = found.stdout.toString().replace(/\r?\n$/, "");
  const base = await baseIn(root, content);
  return inTemporary(async (temporary) => {
    const env = { GIT_INDEX_FILE: join(temporary, "index") };
    await gitBytes(root, ["read-tree", base], { env });
    if (content.patch.length > 0) {
      const applied = await runGit(root, ["apply", "--cached", "--binary", "--whitespace=nowarn", "-"], {
        env,
        stdin: content.patch,
      });
      if (applied.code !== 0) throw new NotApplied(`The patch does not fit its own base: ${firstLine(applied.stderr)}`);
    }
    const tree = await gitText(root, ["write-tree"], { env });
    return { root, base, tree, files: await patchedFiles(root, base, tree, {}) };
  });
}

/** The patch on top of what is checked out. @returns no tree when both changed the same */
async function mergeOnto(
  { root, base, tree: patched }: Prepared,
  patch: Buffer,
): Promise<{ tree: string | null; conflicts: string[] }> {
  const head = await runGit(root, ["rev-parse", "-q", "--verify", "HEAD^{tree}"]);
  const onto = head.code === 0 ? head.stdout.toString().trim() : await emptyTree(root);
  if (onto === (await gitText(root, ["rev-parse", `${base}^{tree}`]))) return { tree: patched, conflicts: [] };
  return inTemporary(async (temporary) => {
    const env = { GIT_INDEX_FILE: join(temporary, "index") };
    await gitBytes(root, ["read-tree", onto], { env });
    const args = ["apply", "--cached", "--3way", "--binary", "--whitespace=nowarn", "-"];
    const applied = await runGit(root, args, { env, stdin: patch });
    const unmerged = (await gitBytes(root, ["ls-files", "-u", "-z"], { env })).toString().split("\0").filter(Boolean);
    const conflicts = [...new Set(unmerged.map((entry) => entry.split("\t").slice(1).join("\t")))];
    if (conflicts.length > 0) return { tree: null, conflicts };
    if (applied.code !== 0) return { tree: null, conflicts: [firstLine(applied.stderr)] };
    return { tree: await gitText(root, ["write-tree"], { env }), conflicts: [] };
  });
}

/** The commit the work stands on, fetched or unfolded when it is not here. For work from before any: an empty one. */
async function baseIn(root: string, { base, bundle }: CapsuleContent): Promise<string> {
  if (base === null) return emptyCommit(root);
  const isHere = async () => (await runGit(root, ["cat-file", "-e", `${base}^{commit}`])).code === 0;
  if (await isHere()) return base;
  await runGit(root, ["fetch", "--no-tags", "--no-write-fetch-head", "--quiet", "--all"]); // its outcome shows in a moment
  if (await isHere()) return base;
  if (bundle !== null) await unfold(root, bundle);
  if (await isHere()) return base;
  throw new NotApplied(
    `The commit ${base.slice(0, 12)} that the work stands on is neither here nor on the remote${bundle === null ? "" : ", and what it stands on is missing here too"}.`,
  );
}

async function unfold(root: string, bundle: Buffer): Promise<void> {
  await inTemporary(async (temporary) => {
    const file = join(temporary, "work.bundle");
    await writeFile(file, bundle);
    await runGit(root, ["bundle", "unbundle", file]); // its outcome shows in a moment
  });
}

async function emptyTree(root: string): Promise<string> {
  return gitText(root, ["hash-object", "-t", "tree", "-w", "--stdin"], { stdin: Buffer.alloc(0) });
}

/** The same in every repository. */
async function emptyCommit(root: string): Promise<string> {
  const who = { NAME: "photon", EMAIL: "photon@localhost", DATE: "1970-01-01T00:00:00Z" };
  const env = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((role) => Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value])),
  );
  return gitText(
    root,
    ["-c", "commit.gpgSign=false", "commit-tree", await emptyTree(root), "-m", "Before the first commit"],
    { env },
  );
}

async function inTemporary<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "photon-apply-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function firstLine(text: string): string {
  return (
    text
      .trim()
      .split("\n")[0]
      ?.replace(/^(?:error|fatal): /, "") ?? "git did not say why."
  );
}

function shellQuoted(text: string): string {
  return /^[\w./@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
