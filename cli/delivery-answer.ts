import type { Delivery } from "../client/outbox-delivery.ts";

/** For whom a message was encrypted, for a program; nothing when this machine has not joined, or it is not known. */
export function encryptionJson(delivery: Delivery): Record<string, unknown> {
  if (delivery.state !== "stored" || !delivery.sealedFor) return {};
  const { sealedFor, leftOut = [] } = delivery;
  return { encryptedFor: sealedFor, ...(leftOut.length > 0 && { leftOut }) };
}

/** What a person is told when the bridge has refused this machine's key, which no waiting changes. */
export function keyRefused(reason: string): string {
  return (
    `Not sent: the bridge does not accept this machine's key. ${reason} The message stays on this machine and is ` +
    "sent once the key is accepted: `photon invite` on a machine that has joined, then `photon join <line>` here; `photon setup` corrects a mistyped key."
  );
}
