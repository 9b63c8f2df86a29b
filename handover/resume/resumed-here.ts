import { existsSync } from "node:fs";
import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { runGit } from "../../client/git/git.ts";
import { appendLog, readLog } from "../../client/mail/mail-log.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { AppliedCapsule } from "../capsule/apply/apply-capsule.ts";
import { findRepository } from "../git/repository.ts";

type LogPaths = Pick<Paths, "log">;

/** Where this machine applied a handover's work. */
export interface ResumedWork {
  /** The handover's. */
  readonly id: string;
  /** This machine's milliseconds since 1970. */
  readonly at: number;
  /** The root of the repository in which it was resumed. */
  readonly root: string;
  /** The folder that held the work: a new one, or the root. */
  readonly folder: string;
  /** The new branch; null if the work was applied onto the branch that was checked out. */
  readonly branch: string | null;
  /** The changed files; empty if there were too many to look at. */
  readonly files: readonly string[];
  /** Whether the work was found to be undone since. */
  readonly isUndone: boolean;
}

/** More files are not looked at one by one. */
const MAX_FILES = 200;

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
  const work = { id, at: now, root: repository.root, folder: applied.folder, branch: applied.branch, files };
  appendLog(paths, "resumed", [JSON.stringify(work)]);
}

/** The newest record of each handover that was applied here in the last 30 days. */
export function resumedHere(paths: LogPaths, now: number = Date.now()): ReadonlyMap<string, ResumedWork> {
  const all = readLog(paths, "resumed").flatMap(([, line = ""]) => parseLine(line) ?? []);
  return new Map(all.filter(({ at }) => Math.abs(now - at) < MAX_AGE_MS).map((work) => [work.id, work]));
}

/**
 * Finds the handovers whose work was undone here, and makes them unread again on the bridge, where their sender then no
 * longer sees them as resumed. Without the bridge, it is told later.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export async function reopenUndone(mailbox: Mailbox, paths: LogPaths): Promise<void> {
  const applied = [...resumedHere(paths).values()].filter(({ isUndone }) => !isUndone);
  for (const work of applied) {
    if (!(await isUndone(work))) continue;
    await mailbox.receipts.noteUndone(work.id);
    appendLog(paths, "resumed", [JSON.stringify({ ...work, isUndone: true })]);
  }
}

/**
 * Whether applied work is gone, as the printed command leaves it, and nothing in the repository was committed from it: work
 * that was merged before its branch was deleted is not undone. In doubt it is not.
 */
async function isUndone({ root, folder, branch, files, at }: ResumedWork): Promise<boolean> {
  const git = async (...args: string[]) => {
    const { code, stdout } = await runGit(root, args);
    return code === 0 ? stdout.toString().trim() : null;
  };
  const those = files.length === 0 ? [] : ["--", ...files];
  try {
    if (branch === null) {
      if ((await git("status", "--porcelain", ...those)) !== "") return false;
    } else {
      if (existsSync(folder)) return false;
      if ((await git("for-each-ref", `refs/heads/${branch}`)) !== "") return false;
    }
    const since = new Date(at).toISOString();
    return (await git("log", "--all", "-1", "--format=%h", `--since=${since}`, ...those)) === "";
  } catch {
    return false; // the repository is gone, or git does not answer
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
  const { files, isUndone: wasUndone } = recordOf(value) ?? {};
  return {
    ...{ id, at, root, folder, branch: textField(value, "branch") ?? null, isUndone: wasUndone === true },
    files: Array.isArray(files) ? files.filter((path) => typeof path === "string") : [],
  };
}
