import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { formatAgo, formatClock } from "../../client/text/format-age.ts";
import { MAX_PENDING_COUNTED } from "../../contract/api.ts";
import type { CliContext } from "../context.ts";
import { type Check, ok, warn } from "./checks.ts";

/** The bridge copies texts to KV within minutes; older ones wait because KV refuses them. */
const MAX_PENDING_MS = 60 * 60_000;

/** For an owner: how many texts the bridge keeps that are not in KV yet, and since when. Asks the bridge. */
export async function archiveCheck({ mailbox }: CliContext): Promise<Check[]> {
  try {
    return [checkOf(await mailbox.bridge.archive(), Date.now())];
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    // Not an owner; or what the other checks say already.
    if (["forbidden", "not_set_up", "offline", "unauthorized"].includes(error.code)) return [];
    return [warn("texts in KV", error.message, "try again; if it stays so, look at the bridge's log")];
  }
}

/** @param now - milliseconds since 1970 */
export function checkOf(
  { pending, since, retryAt }: Awaited<ReturnType<Mailbox["bridge"]["archive"]>>,
  now: number,
): Check {
  const name = "texts in KV";
  if (pending === 0) return ok(name, "all");
  const count = pending >= MAX_PENDING_COUNTED ? `${MAX_PENDING_COUNTED} or more` : String(pending);
  const oldest = since === undefined ? "" : `, the oldest came ${formatAgo(Date.parse(since), now)}`;
  const retry = retryAt === undefined ? "" : `; the bridge tries again ${formatClock(Date.parse(retryAt), now)}`;
  const found = `${count} waiting to be copied${oldest}${retry}. They are safe in the bridge meanwhile`;
  const isLate = since !== undefined && now - Date.parse(since) > MAX_PENDING_MS;
  if (!isLate && retryAt === undefined) return ok(name, found);
  return warn(name, found, "KV refuses writes, mostly because the day's quota is spent; see the Cloudflare dashboard");
}
