import { encryptionLine } from "../../client/encryption/encryption-line.ts";
import type { Delivery } from "../../client/mail/outbox-delivery.ts";

/** How long a tool call waits for the messages before its own, in milliseconds. They are then delivered in the background. */
export const TOOL_PATIENCE = { withinMs: 5_000 };

/** A message that is not sent, and that a retry will not send. The error's message says so, in whole sentences. */
export class DeliveryFailed extends Error {
  override readonly name = "DeliveryFailed";
}

/**
 * What happened to a message, for Claude to repeat.
 *
 * @param self - this machine's name
 * @throws DeliveryFailed if the message cannot be delivered, or not before a person has acted
 */
export function deliveryText(delivery: Delivery, to: string | null, self: string): string {
  const receiver = to ?? "everyone (every machine, every project)";
  switch (delivery.state) {
    case "stored": {
      const encryption = encryptionLine({ ...delivery, to }, self);
      return `Stored on the bridge for ${receiver} (id ${delivery.id}).${encryption === null ? "" : ` ${encryption}`}`;
    }
    case "queued":
      if (delivery.code === "unauthorized") {
        throw new DeliveryFailed(
          `Not sent: ${delivery.reason} The message stays on this machine (id ${delivery.id}) and is sent once the bridge accepts ` +
            "the key. Ask the person to let this machine join again (`photon join`) or to correct the key (/photon:setup).",
        );
      }
      if (delivery.code === "forbidden")
        throw new DeliveryFailed(`Not sent: ${delivery.reason} The message stays on this machine (id ${delivery.id}).`);
      return (
        `Queued on this machine (${delivery.waiting} waiting), not sent yet: ${delivery.reason} ` +
        `Photon retries until the bridge has it (for ${receiver}, id ${delivery.id}).`
      );
    case "failed":
      throw new DeliveryFailed(`Not sent, and Photon will not retry: ${delivery.reason}`);
  }
}
