import type { Delivery } from "../client/outbox-delivery.ts";
import { sealedLine } from "../client/sealing/sealed-line.ts";

/** A message that is neither on the bridge nor waiting here. The message of the error is the reason, one sentence. */
export class DeliveryFailed extends Error {
  override readonly name = "DeliveryFailed";
}

/**
 * What really happened, for Claude to repeat.
 *
 * @param self - this machine's name
 * @throws DeliveryFailed when the message is nowhere now
 */
export function deliveryText(delivery: Delivery, to: string | null, self: string): string {
  const receiver = to ?? "everyone (every machine, every project)";
  switch (delivery.state) {
    case "stored": {
      const sealed = sealedLine(delivery.sealedFor, self);
      const at = delivery.timestamp === null ? "" : ` at ${delivery.timestamp}`;
      return `Stored on the bridge${at} for ${receiver} (id ${delivery.id}).${sealed === null ? "" : ` ${sealed}`}`;
    }
    case "queued":
      return (
        `Queued on this machine (${delivery.waiting} waiting), not sent yet: ${delivery.reason} ` +
        `It is sent automatically when the bridge is back (for ${receiver}, id ${delivery.id}).`
      );
    case "failed":
      throw new DeliveryFailed(delivery.reason);
  }
}
