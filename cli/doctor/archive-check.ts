import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { formatAgo, formatClock } from "../../client/text/format-age.ts";
import { MAX_PENDING_COUNTED } from "../../contract/api.ts";
import type { CliContext } from "../context.ts";
import { type Check, ok, warn } from "./checks.ts";

/** The bridge copies texts to KV within minutes. An older copy is still pending because KV refuses it. */
const MAX_PENDING_MS = 60 * 60_000;

/** For an owner: how many texts the bridge has not copied to KV yet, and since when. Asks the bridge. */
export async function archiveCheck({ mailbox }: CliContext): Promise<Check[]> {
  try {
    return [checkOf(await mailbox.bridge.archive(), Date.now())];
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    // This machine is not an owner, or another check reports the problem.
    if (["forbidden", "not_set_up", "offline", "unauthorized"].includes(error.code)) return [];
    return [warn("bridge storage", error.message, "try again; if that does not help, look at the bridge's log")];
  }
}

/** @param now - milliseconds since 1970 */
export function checkOf(
  { pending, since, retryAt }: Awaited<ReturnType<Mailbox["bridge"]["archive"]>>,
  now: number,
): Check {
  const name = "bridge storage";
  if (pending === 0) return ok(name, "every text is copied to Workers KV");
  const count = pending >= MAX_PENDING_COUNTED ? `${MAX_PENDING_COUNTED} or more` : String(pending);
  const oldest = since === undefined ? "" : `, the oldest arrived ${formatAgo(Date.parse(since), now)}`;
  const retry = retryAt === undefined ? "" : `; the bridge retries at ${formatClock(Date.parse(retryAt), now)}`;
  const found = `${count} texts not copied to Workers KV yet${oldest}${retry}; they are safe in the bridge's Durable Object`;
  const isLate = since !== undefined && now - Date.parse(since) > MAX_PENDING_MS;
  if (!isLate && retryAt === undefined) return ok(name, found);
  return warn(
    name,
    found,
    "KV refuses writes, usually because the daily quota is used up: see the Cloudflare dashboard",
  );
}
