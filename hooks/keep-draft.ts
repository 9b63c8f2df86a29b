/** A bundle of its own, which only hooks with something to keep load: {@link loadKeepDraft}. */
export { keepDraft } from "../handover/draft/keep-draft.ts";
