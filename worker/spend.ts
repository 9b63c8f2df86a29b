import { accountOf, type Caller } from "./caller.ts";
import { Refusal } from "./refusal.ts";
import { QUOTA_BYTES } from "./registry/quota.ts";
import type { RemoteRegistry } from "./registry/remote-registry.ts";

/**
 * Counts what a machine is about to have stored.
 *
 * @param seconds - how long it is kept
 * @throws Refusal 507 when it has stored too much; nothing is stored then
 */
export async function spend(
  registry: RemoteRegistry | null,
  caller: Caller,
  bytes: number,
  seconds: number,
): Promise<void> {
  if (registry === null || (await registry.spend(accountOf(caller), bytes, seconds))) return;
  const megabytes = QUOTA_BYTES / 1024 / 1024;
  const sentence = `This machine has ${megabytes} MB on the bridge already: messages go after 30 days, capsules after 14.`;
  throw new Refusal(507, "quota_exceeded", sentence);
}
