import { cleanLine } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import type { AppliedCapsule, PatchedFile } from "../capsule/apply/apply-capsule.ts";
import { fitting, withRest } from "../markdown.ts";
import type { DryRun } from "./resume-handover.ts";

const MAX_FILES_CHARS = 3_000;
const MAX_CALLED_OUT_CHARS = 1_500;
const MAX_PATH_CHARS = 200;

/** Describes what applying would change, line by line. The file names come from the sender, so the caller must fence the text. */
export function dryRunText({ plan, target, notHere, content }: DryRun): string {
  const { files, conflicts, runsByItself } = plan;
  return [
    `Applying would change ${countsOf(files)}${content.bundle === null ? "" : " and bring unpushed commits"}:`,
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
    `In a new folder: ${target.folder}, branch ${target.branch}. Your work tree stays as it is.`,
    notHere === null
      ? "Here (--here): it applies onto the current checkout."
      : `Here (--here): not possible. ${notHere}`,
    ...listed(
      conflicts.map((path) => `- in conflict: ${cleanLine(path, MAX_PATH_CHARS)}`),
      MAX_CALLED_OUT_CHARS,
    ),
  ].join("\n");
}

/** Describes what was done and how to undo it. */
export function appliedText({ files, folder, branch, undo, unfiltered }: AppliedCapsule): string {
  return [
    `Applied: ${countsOf(files)}, in ${folder}${branch === null ? ", onto the current checkout" : `, branch ${branch}`}. Nothing is committed.`,
    ...unfiltered.map(
      (filter) =>
        `Files with the filter ${cleanLine(filter, MAX_PATH_CHARS)} are as git stores them: Photon does not run filters that only this repository's own settings define. \`git checkout -- <file>\` runs it.`,
    ),
    `Undo: ${undo}`,
  ].join("\n");
}

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
