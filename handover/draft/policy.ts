import type { HandoverPolicy } from "../../client/settings/policies.ts";
import type { TranscriptFacts } from "../transcript/transcript-facts.ts";

/** While a session works, its handover is published at most this often. */
export const PUBLISH_INTERVAL_MS = 10 * 60 * 1000;

/** `keep` saves the draft on this machine; `publish` saves and publishes it. */
export type HandoverDecision = "none" | "keep" | "publish";

export interface HandoverState {
  readonly policy: HandoverPolicy;
  /** The person's prompts so far, without mere answers such as "yes". */
  readonly prompts: number;
  /** What the session changed so far, by any means. */
  readonly edits: number;
  readonly startedBy: TranscriptFacts["startedBy"];
  /** Whether the session ended or was compacted; false while it works. */
  readonly isFinal: boolean;
  /** Whether the draft differs from what was published; true if nothing was published yet. */
  readonly isChanged: boolean;
  readonly publishedAt: number | null;
  readonly now: number;
}

/** Decides by the person's policy. A trivial session leaves no handover. */
export function decideHandover(state: HandoverState): HandoverDecision {
  if (state.policy === "off" || isTrivial(state)) return "none";
  if (state.policy === "draft" || !state.isChanged) return "keep";
  return state.isFinal || isDue(state) ? "publish" : "keep";
}

/** A session that changed nothing is trivial if it has one prompt, or if a program asks. An observer's always is. */
function isTrivial({ prompts, edits, startedBy }: HandoverState): boolean {
  if (startedBy === "observer") return true;
  return edits === 0 && (prompts < 2 || startedBy === "sdk");
}

function isDue({ publishedAt, now }: HandoverState): boolean {
  // A publication time in the future means that the clock was set back.
  return publishedAt === null || publishedAt > now || now - publishedAt >= PUBLISH_INTERVAL_MS;
}
