import type { ApiClient } from "../bridge/api-client.ts";
import { PhotonError } from "../bridge/photon-error.ts";

/** Largest accepted difference between the bridge's and this machine's clock: a day. */
const MAX_APART_MS = 24 * 60 * 60_000;

interface Own {
  /** This machine's clock, in milliseconds since 1970. */
  readonly now: number;
  /** The latest time in this machine's copy of the machine list. */
  readonly lastAt: string | null;
}

/**
 * The bridge's time, for entries of the machine list. With it, a machine whose own clock is hours off can still invite and
 * join. A time that differs by more than a day is rejected; otherwise a dishonest bridge could make an invitation valid for
 * years.
 *
 * @returns milliseconds since 1970
 * @throws PhotonError if the bridge cannot be reached; `internal` if one of the two clocks is wrong
 */
export async function bridgeTime(api: ApiClient, { now, lastAt }: Own): Promise<number> {
  const time = Date.parse((await api.call("health")).timestamp);
  if (Math.abs(time - now) <= MAX_APART_MS) return time;
  // Machines signed the times in the list, so a clock far behind them is the wrong one.
  const isOwnWrong = lastAt !== null && now < Date.parse(lastAt) - MAX_APART_MS;
  const sentence = isOwnWrong
    ? `This machine's clock looks wrong: it says ${minute(now)}, and the bridge's says ${minute(time)}. Nothing was signed. Set this machine's clock and try again.`
    : `The bridge's clock looks wrong: it says ${minute(time)}, and this machine's says ${minute(now)}. Nothing was signed. If this machine's clock is the wrong one, set it and try again.`;
  throw new PhotonError("internal", sentence);
}

/** `2026-11-23 09:00 UTC` */
function minute(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split("T");
  return `${date} ${time.slice(0, 5)} UTC`;
}
