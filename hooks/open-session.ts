import { type OpenSession, readOpen } from "../handover/draft/open-sessions.ts";
import type { HookContext } from "./run-hook.ts";

/**
 * The session of an event as it is noted for whoever settles its handover, which is another process than this hook.
 *
 * @returns null when the event names no session
 */
export function openSessionOf(
  { event, paths, env, folder }: HookContext,
  change: Partial<Pick<OpenSession, "isDue" | "hasEnded">> = {},
): OpenSession | null {
  const { session, transcriptPath } = event;
  if (session === null) return null;
  const isDue = readOpen(paths, session)?.isDue ?? false; // what a hook before this one asked for, still holds
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
