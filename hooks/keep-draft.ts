/** The entry of a separate bundle, which only hooks that save a draft load: {@link loadKeepDraft}. */
export { keepDraft } from "../handover/draft/keep-draft.ts";
