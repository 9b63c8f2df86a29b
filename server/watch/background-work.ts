import { backOff, endBackoff, mayRetry, type Work } from "../../client/bridge/backoff.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";

/** Receipts are collected for this long, so that one request carries several. */
const RECEIPTS_WAIT_MS = 60_000;

/** For "last seen", and to notice another computer under this one's name. */
const MACHINES_EVERY_MS = 60 * 60_000;

/**
 * What every session of a machine does periodically: delivers the outbox and receipts (under leases, so that only one session
 * sends them) and asks which machines exist. Never reports a failure: failed work is retried with exponential backoff, which
 * all sessions of the machine share.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export async function doBackgroundWork(mailbox: Mailbox, paths: Paths, now: () => number): Promise<void> {
  const attempt = async (work: Work, run: () => Promise<unknown>) => {
    if (!mayRetry(paths, work, now())) return;
    try {
      await run();
      endBackoff(paths, work);
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error;
      backOff(paths, work, error.retryAfterMs, now());
    }
  };
  const { oldestMs } = mailbox.receipts;
  if (mailbox.outbox.waiting > 0 && mayRetry(paths, "sending", now())) await mailbox.outbox.flush(); // updates the backoff itself
  if (oldestMs !== null && oldestMs >= RECEIPTS_WAIT_MS) {
    await attempt("sending", () => mailbox.receipts.flushOlder(RECEIPTS_WAIT_MS));
  }
  await attempt("asking", () => mailbox.bridge.machines(MACHINES_EVERY_MS));
}
