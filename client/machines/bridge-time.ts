import type { ApiClient } from "../bridge/api-client.ts";
import { PhotonError } from "../bridge/photon-error.ts";

/** How far the bridge's clock may be from this machine's own: a day. */
const MAX_APART_MS = 24 * 60 * 60_000;

interface Own {
  /** This machine's clock, in milliseconds since 1970. */
  readonly now: number;
  /** The latest time in the machine list that this machine knows; null without one. */
  readonly lastAt: string | null;
}

/**
 * The bridge's clock, for the times in the machine list: a machine whose own clock is hours off can still invite and join,
 * and an invitation is valid for as long as it says. A time more than a day from this machine's own is not signed: with it
 * a dishonest bridge could make an invitation valid for years.
 *
 * @returns milliseconds since 1970
 * @throws PhotonError when the bridge cannot be asked; `internal` when one of the two clocks is wrong
 */
export async function bridgeTime(api: ApiClient, { now, lastAt }: Own): Promise<number> {
  const time = Date.parse((await api.call("health")).timestamp);
  if (Math.abs(time - now) <= MAX_APART_MS) return time;
  // Machines signed the times in the list, so a clock that is long before them is the wrong one.
  const isOwnWrong = lastAt !== null && now < Date.parse(lastAt) - MAX_APART_MS;
  const sentence = isOwnWrong
    ? `This machine's clock looks wrong: it says ${minute(now)}, and the bridge's says ${minute(time)}. Nothing was signed. Set this machine's clock and try again.`
    : `The bridge's clock looks wrong: it says ${minute(time)}, and this machine's says ${minute(now)}. Nothing was signed. If this machine's clock is the wrong one, set it and try again.`;
  throw new PhotonError("internal", sentence);
}

/** As `2026-11-23 09:00 UTC`. */
function minute(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split("T");
  return `${date} ${time.slice(0, 5)} UTC`;
}
