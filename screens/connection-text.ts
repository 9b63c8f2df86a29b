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
    return `${sessions.length} open, ${refused} ${forCount(refused, "polls", "poll")} only once an hour, because the bridge refuses this machine's key`;
  }
  const polling = sessions.filter(({ how }) => how === "polling");
  if (polling.length === 0) return `${sessions.length} open, notified instantly`;
  const since = Math.min(...polling.map((session) => session.since));
  const poll = `${polling.length} ${forCount(polling.length, "polls", "poll")}`;
  const why = isReachable ? "no WebSocket can be opened" : "the bridge does not answer";
  return `${sessions.length} open, ${poll} every 30 seconds, for ${formatAge(now - since)}, because ${why}`;
}
