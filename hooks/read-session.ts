/** The entry of a separate bundle that `keep-draft.cjs` loads: what reads transcripts and understands commands. */
export { covers } from "../handover/tools/check-run.ts";
export { onlyLooks, withoutAssignments } from "../handover/tools/programs.ts";
export { simpleCommands } from "../handover/tools/simple-commands.ts";
export { factsFromTranscript, mayHoldFacts } from "../handover/transcript/facts-from-transcript.ts";
export { isSubstantial, weightOf, withoutPaste } from "../handover/transcript/prompt-weight.ts";
export { transcriptLines } from "../handover/transcript/read-transcript.ts";
export { withSubagents } from "../handover/transcript/subagent-files.ts";
export { NO_FACTS } from "../handover/transcript/transcript-facts.ts";
