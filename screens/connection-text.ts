import type { MailConnection } from "../client/sessions/session-state.ts";
import { forCount } from "../client/text/counted.ts";
import { formatAge } from "../client/text/format-age.ts";

/**
 * "3 open, notified instantly", or how many are not and since when.
 *
 * @param now - milliseconds since 1970
 * @param isReachable - whether the bridge answers: if not, that is why they poll
 */
export function connectionText(sessions: readonly MailConnection[], now: number, isReachable: boolean): string {
  const refused = sessions.filter(({ how }) => how === "refused").length;
  if (refused > 0) {
    return `${sessions.length} open, ${refused} ${forCount(refused, "asks", "ask")} only once an hour, because the bridge refuses this machine's key`;
  }
  const polling = sessions.filter(({ how }) => how === "polling");
  if (polling.length === 0) return `${sessions.length} open, notified instantly`;
  const asking = `${polling.length} ${forCount(polling.length, "asks", "ask")}`;
  if (!isReachable) return `${sessions.length} open, ${asking} every 30 seconds until the bridge answers again`;
  const sinceMs = now - Math.min(...polling.map((session) => session.since));
  const since = sinceMs < SHORT_MS ? "" : ` for ${formatAge(sinceMs)}`;
  return `${sessions.length} open, ${asking} every 30 seconds${since}: no lasting connection to the bridge (WebSocket) can be opened`;
}

/** A session that has just begun asks for so short a time that nothing needs to be said of it. */
const SHORT_MS = 60_000;
