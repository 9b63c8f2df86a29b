import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { runGit } from "../../client/git/git.ts";
import { appendLog, readLog } from "../../client/mail/mail-log.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { AppliedCapsule } from "../capsule/apply/apply-capsule.ts";
import { findRepository } from "../git/repository.ts";
import { contentOf, isUndone, type ResumedWork } from "./is-undone.ts";

type LogPaths = Pick<Paths, "log">;

/** More files are not looked at one by one. */
const MAX_FILES = 200;

/** All branches that resuming makes, see `worktree-target.ts`. */
const RESUMED_BRANCHES = "refs/heads/photon/";

/** A handover's capsule is kept for 14 days, and its message for 30. Older work is of no interest. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Remembers where a handover was applied, to notice when that is undone.
 *
 * @param folder - where the person was: any folder in the repository
 * @throws the file system's own error (disk full, read-only home): then nobody will notice
 */
export async function noteApplied(
  paths: LogPaths,
  id: string,
  folder: string,
  applied: AppliedCapsule,
  now: number = Date.now(),
): Promise<void> {
  const repository = await findRepository(folder);
  if (typeof repository === "string" || applied.files.length === 0) return; // nothing could be undone
  const files = applied.files.length > MAX_FILES ? [] : applied.files.map(({ path }) => path);
  const where = { root: repository.root, folder: applied.folder, branch: applied.branch };
  const git = async (...args: string[]) => {
    const { code, stdout } = await runGit(applied.folder, args);
    return code === 0 ? stdout.toString().trim() : null;
  };
  const isNew = applied.branch !== null;
  const gitFolder = isNew ? await git("rev-parse", "--absolute-git-dir") : null;
  const holders =
    isNew && applied.hasCommits ? await git("for-each-ref", "--format=%(refname)", "--contains=HEAD") : "";
  // Without a remote, the other machine also counts commits as unpushed that were here before. They say nothing.
  const wereHere = holders === "" || holders?.split("\n").some((ref) => !ref.startsWith(RESUMED_BRANCHES));
  const tip = wereHere ? null : await git("rev-parse", "--verify", "HEAD");
  const contents = files.map((path) => contentOf(applied.folder, path));
  appendLog(paths, "resumed", [JSON.stringify({ id, at: now, ...where, gitFolder, tip, files, contents })]);
}

/** The newest record of each place in which a handover was applied here in the last 30 days. */
export function resumedHere(paths: LogPaths, now: number = Date.now()): readonly ResumedWork[] {
  const all = readLog(paths, "resumed").flatMap(([, line = ""]) => parseLine(line) ?? []);
  const young = all.filter(({ at }) => Math.abs(now - at) < MAX_AGE_MS);
  return [...new Map(young.map((work) => [`${work.id} ${work.folder}`, work])).values()];
}

/**
 * Finds the handovers whose work was undone here, and makes them unread again on the bridge, where their sender then no
 * longer sees them as resumed. One that was resumed in several places stays resumed until all of them were undone. Without
 * the bridge, it is told later.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export async function reopenUndone(mailbox: Mailbox, paths: LogPaths): Promise<void> {
  const applied = resumedHere(paths);
  for (const id of new Set(applied.map((work) => work.id))) {
    const standing = applied.filter((work) => work.id === id && !work.isUndone);
    const undone: ResumedWork[] = [];
    for (const work of standing) if (await isUndone(work)) undone.push(work);
    if (undone.length === 0) continue;
    if (undone.length === standing.length) await mailbox.receipts.noteUndone(id);
    appendLog(
      paths,
      "resumed",
      undone.map((work) => JSON.stringify({ ...work, isUndone: true })),
    );
  }
}

/** @returns null for an incomplete line, which a crash may leave */
function parseLine(line: string): ResumedWork | null {
  const value = parseJson(line);
  const id = textField(value, "id");
  const at = numberField(value, "at");
  const root = textField(value, "root");
  const folder = textField(value, "folder");
  if (id === undefined || at === undefined || root === undefined || folder === undefined) return null;
  const { files, contents, isUndone: wasUndone } = recordOf(value) ?? {};
  return {
    ...{ id, at, root, folder, branch: textField(value, "branch") ?? null, isUndone: wasUndone === true },
    ...{ gitFolder: textField(value, "gitFolder") ?? null, tip: textField(value, "tip") ?? null },
    files: Array.isArray(files) ? files.filter((path) => typeof path === "string") : [],
    contents: Array.isArray(contents) ? contents.map((each) => (typeof each === "string" ? each : null)) : [],
  };
}
