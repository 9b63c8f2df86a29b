import type { HandoverDraft } from "./draft-store.ts";
import type { Publication } from "./publication-store.ts";

/**
 * Longest text of a person that later automatic versions carry along, in UTF-16 code units: at most three bytes each, it
 * stays with the draft below the bridge's limit for a message.
 */
const MAX_CARRIED_CHARS = 60_000;

/**
 * Whether what the policy would publish differs from what was published. After the person's own handover only new
 * prompts or edits count: the end of the turn in which they handed over is not worth replacing it.
 */
export function hasNews(draft: HandoverDraft, published: Publication | null): boolean {
  const byPerson = published?.byPerson;
  if (byPerson && draft.prompts === byPerson.prompts && draft.edits === byPerson.edits) return false;
  return textByPolicy(draft, published) !== published?.text;
}

/** The person's own words are not lost when the session goes on after them. */
export function textByPolicy({ text }: HandoverDraft, published: Publication | null): string {
  const words = published?.byPerson?.text;
  if (!words || words.length > MAX_CARRIED_CHARS) return text;
  return `${words.trimEnd()}\n\n---\n\nThe session went on after this was written. It now stands so:\n\n${text}`;
}
