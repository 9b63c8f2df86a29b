/** The entry of a separate bundle that `keep-draft.cjs` loads: what reads transcripts. */
export { factsOfSession } from "../handover/reading/facts-of-session.ts";
export { goalOf } from "../handover/transcript/goal.ts";
export { isSubstantial, weightOf, withoutPaste } from "../handover/transcript/prompt-weight.ts";
export { NO_FACTS } from "../handover/transcript/transcript-facts.ts";
