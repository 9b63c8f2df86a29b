import { cleanLine } from "../client/clean-text.ts";
import type { Delivery } from "../client/outbox-delivery.ts";

/** A message that is neither on the bridge nor waiting here. The message of the error is the reason, one sentence. */
export class DeliveryFailed extends Error {
  override readonly name = "DeliveryFailed";
}

/**
 * What really happened, for Claude to repeat.
 *
 * @throws DeliveryFailed when the message is nowhere now
 */
export function deliveryText(delivery: Delivery, to: string | null): string {
  const receiver = to ?? "everyone (every machine, every project)";
  switch (delivery.state) {
    case "stored":
      return `Stored on the bridge${delivery.timestamp === null ? "" : ` at ${delivery.timestamp}`} for ${receiver} (id ${delivery.id}).`;
    case "queued":
      return (
        `Queued on this machine (${delivery.waiting} waiting), not sent yet: ${cleanLine(delivery.reason, 400)} ` +
        `It is sent automatically when the bridge is back (for ${receiver}, id ${delivery.id}).`
      );
    case "failed":
      throw new DeliveryFailed(cleanLine(delivery.reason, 400));
  }
}
