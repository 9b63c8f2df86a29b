import type { HandoverPolicy } from "../../client/settings/policies.ts";

/** While a session works, its handover is published at most this often. */
export const PUBLISH_INTERVAL_MS = 10 * 60 * 1000;

/** `keep` saves the draft on this machine; `publish` saves and publishes it. */
export type HandoverDecision = "none" | "keep" | "publish";

export interface HandoverState {
  readonly policy: HandoverPolicy;
  /** The session's prompts and edits so far. */
  readonly prompts: number;
  readonly edits: number;
  /** Whether the session ended or was compacted; false while it works. */
  readonly isFinal: boolean;
  /** Whether the draft differs from what was published; true if nothing was published yet. */
  readonly isChanged: boolean;
  readonly publishedAt: number | null;
  readonly now: number;
}

/** Decides by the person's policy. A session with one prompt and no edits leaves no handover. */
export function decideHandover(state: HandoverState): HandoverDecision {
  const isTrivial = state.edits === 0 && state.prompts < 2;
  if (state.policy === "off" || isTrivial) return "none";
  if (state.policy === "draft" || !state.isChanged) return "keep";
  return state.isFinal || isDue(state) ? "publish" : "keep";
}

function isDue({ publishedAt, now }: HandoverState): boolean {
  // A publication time in the future means that the clock was set back.
  return publishedAt === null || publishedAt > now || now - publishedAt >= PUBLISH_INTERVAL_MS;
}
