import type { CliContext } from "../context.ts";
import { LiveArrivals } from "./live-arrivals.ts";
import { PollingArrivals } from "./polling-arrivals.ts";

/** Says when it is worth looking for new mail. What is new, and whether it was told already, is decided by who looks. */
export interface Arrivals {
  /**
   * Waits until something may be new for this machine. The first call returns at once, or as soon as nothing can come
   * unnoticed any more: what comes from then on ends a later call. May return though nothing is new, for one after the
   * bridge was away; must not wait on when something is.
   *
   * @throws PhotonError when the bridge cannot be asked; the next call tries again at once, the caller pauses before it
   * @throws the signal's reason when it is aborted
   */
  next(signal: AbortSignal): Promise<void>;
}

/** The best way there is on this machine to hear of new mail for this folder's project. */
export function openArrivals(context: CliContext): Arrivals {
  const { mailbox, paths } = context;
  const arrivals = new LiveArrivals(mailbox, new PollingArrivals(mailbox, paths));
  context.whenClosed(() => arrivals.close());
  return arrivals;
}
