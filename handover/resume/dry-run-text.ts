import { cleanLine } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import type { AppliedCapsule, PatchedFile } from "../capsule/apply/apply-capsule.ts";
import type { UnusableFilter } from "../capsule/apply/unusable-filters.ts";
import { planText } from "../conversation/conversation-text.ts";
import { fitting, withRest } from "../markdown.ts";
import type { Applied, DryRun } from "./resume-handover.ts";

const MAX_FILES_CHARS = 3_000;
const MAX_CALLED_OUT_CHARS = 1_500;
const MAX_PATH_CHARS = 200;

/** Describes what applying would change, line by line. The file names come from the sender, so the caller must fence the text. */
export function dryRunText(dry: DryRun): string {
  const { conversation } = dry;
  const talk = typeof conversation === "string" ? conversation : conversation && planText(conversation);
  return [...(dry.hasWork ? workLines(dry) : ["It has no files."]), ...(talk === null ? [] : [talk])].join("\n");
}

function workLines({ plan, target, notInFolder, notHere, content }: DryRun): string[] {
  const { files, conflicts, runsByItself, unfiltered } = plan;
  const hasCommits = content.bundle !== null;
  return [
    `Applying would change ${countsOf(files)}${hasCommits ? ", with the unpushed commits" : ""}:`,
    ...listed(
      files.map(({ path, change }) => `- ${change}: ${cleanLine(path, MAX_PATH_CHARS)}`),
      MAX_FILES_CHARS,
    ),
    ...(runsByItself.length === 0
      ? []
      : [
          "Files that tools run or obey on their own. Look at them before you open, build or commit:",
          ...listed(
            runsByItself.map((path) => `- ${cleanLine(path, MAX_PATH_CHARS)}`),
            MAX_CALLED_OUT_CHARS,
          ),
        ]),
    notInFolder === null
      ? `In a new folder: ${target.folder}, branch ${target.branch}${hasCommits ? ", with the unpushed commits" : ""}. Your work tree stays as it is.`
      : `In a new folder: not possible. ${notInFolder}`,
    ...(notInFolder === null ? unfiltered.map(unfilteredLine) : []),
    notHere === null
      ? `Here (--here): it applies onto the current checkout, as staged changes${hasCommits ? "; the unpushed commits too, as changes without their messages" : ""}.`
      : `Here (--here): not possible. ${notHere}`,
    ...listed(
      conflicts.map((path) => `- in conflict: ${cleanLine(path, MAX_PATH_CHARS)}`),
      MAX_CALLED_OUT_CHARS,
    ),
  ];
}

/** Describes what was done. */
export function appliedText(applied: Applied): string {
  const { conversation } = applied;
  const talk =
    conversation === null || typeof conversation === "string"
      ? conversation
      : `The conversation is session ${conversation.session} in ${conversation.folder}.`;
  return [...(applied.hasWork ? [workText(applied)] : []), ...(talk === null ? [] : [talk])].join("\n");
}

function workText(applied: AppliedCapsule): string {
  const { files, folder, branch, unfiltered } = applied;
  return [
    `Applied: ${countsOf(files)}, in ${folder}${branch === null ? ", onto the current checkout" : `, branch ${branch}`}. ${howCommitted(applied)}`,
    ...unfiltered.map(unfilteredLine),
    ...(unfiltered.length === 0
      ? []
      : ["To convert such a file once its filter works: delete it, then `git checkout -- <file>`."]),
  ].join("\n");
}

/** On a line of its own and last, so that it is easy to find and copy. */
export function undoText({ undo }: AppliedCapsule): string {
  return `To undo it, run:\n  ${undo}`;
}

function howCommitted({ branch, hasCommits, hasChanges }: AppliedCapsule): string {
  if (branch === null)
    return `The changes are staged, not committed${hasCommits ? "; those of the unpushed commits too" : ""}.`;
  if (!hasCommits) return "The changes are not committed.";
  return `The branch has the unpushed commits${hasChanges ? "; the other changes are not committed" : ""}.`;
}

function unfilteredLine({ filter, why }: UnusableFilter): string {
  return `Files with the filter ${cleanLine(filter, MAX_PATH_CHARS)} are written as git stores them. ${cleanLine(why, MAX_WHY_CHARS)}`;
}

const MAX_WHY_CHARS = 400;

/** "12 files (3 added, 8 changed, 1 deleted)" */
export function countsOf(files: readonly PatchedFile[]): string {
  const parts = (["added", "changed", "deleted"] as const).flatMap((change) => {
    const count = files.filter((file) => file.change === change).length;
    return count === 0 ? [] : [`${count} ${change}`];
  });
  return `${counted(files.length, "file")}${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

function listed(items: readonly string[], maxChars: number): string[] {
  return withRest(items, fitting(items, "\n", maxChars), (left) => `- and ${left} more`);
}
