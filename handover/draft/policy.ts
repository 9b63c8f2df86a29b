import type { HandoverPolicy } from "../../client/settings/policies.ts";

/** While a session works, its handover leaves this machine at most this often. */
export const PUBLISH_INTERVAL_MS = 10 * 60 * 1000;

/** What to do with a session's handover now. `publish` includes keeping it. */
export type HandoverDecision = "none" | "keep" | "publish";

export interface HandoverState {
  readonly policy: HandoverPolicy;
  /** What the session has done so far. */
  readonly prompts: number;
  readonly edits: number;
  /** The session ends or is compacted; false while it works. */
  readonly isFinal: boolean;
  /** Whether what would be published differs from what was; true when nothing was published yet. */
  readonly isChanged: boolean;
  readonly publishedAt: number | null;
  readonly now: number;
}

/** Decides as the person's policy says; a session that changed nothing and was asked but once leaves nothing. */
export function decideHandover(state: HandoverState): HandoverDecision {
  const isTrivial = state.edits === 0 && state.prompts < 2;
  if (state.policy === "off" || isTrivial) return "none";
  if (state.policy === "draft" || !state.isChanged) return "keep";
  return state.isFinal || isDue(state) ? "publish" : "keep";
}

function isDue({ publishedAt, now }: HandoverState): boolean {
  // A publication in the future is a clock that was set back.
  return publishedAt === null || publishedAt > now || now - publishedAt >= PUBLISH_INTERVAL_MS;
}
