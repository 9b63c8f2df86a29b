/** The entry of a separate bundle that `keep-draft.cjs` and `read-session.cjs` load: what understands tools and commands. */
export { checkIn, covers } from "../handover/tools/check-run.ts";
export { editedPart } from "../handover/tools/edited-part.ts";
export { fileChangesBy } from "../handover/tools/file-changes.ts";
export { gitOutcome, mayChangeGit, pullRequestsIn } from "../handover/tools/git-outcome.ts";
export { commandOutput, otherTool } from "../handover/tools/other-tools.ts";
export { onlyLooks, withoutAssignments, wordSet } from "../handover/tools/programs.ts";
export { simpleCommands } from "../handover/tools/simple-commands.ts";
