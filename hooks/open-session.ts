import { type OpenSession, readOpen } from "../handover/draft/open-sessions.ts";
import type { HookContext } from "./run-hook.ts";

/**
 * The record of an event's session, for the process that publishes its handover later.
 *
 * @returns null if the event names no session
 */
export function openSessionOf(
  { event, paths, env, folder }: HookContext,
  change: Partial<Pick<OpenSession, "isDue" | "hasEnded" | "isFinal">> = {},
): OpenSession | null {
  const { session, transcriptPath } = event;
  if (session === null) return null;
  const isDue = readOpen(paths, session)?.isDue ?? false; // stays true if an earlier hook has set it
  return {
    session,
    folder,
    transcriptPath: transcriptPath ?? "",
    seenAt: Date.now(),
    pid: Number(env.CLAUDE_PID) || process.ppid,
    isDue,
    hasEnded: false,
    ...change,
  };
}
