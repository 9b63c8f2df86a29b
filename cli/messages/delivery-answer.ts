import type { PhotonErrorCode } from "../../client/bridge/photon-error.ts";
import type { Delivery } from "../../client/mail/outbox-delivery.ts";

/** For whom a message was encrypted, for a program; nothing when this machine has not joined, or it is not known. */
export function encryptionJson(delivery: Delivery): Record<string, unknown> {
  if (delivery.state !== "stored" || !delivery.encryptedFor) return {};
  const { encryptedFor, leftOut = [] } = delivery;
  return { encryptedFor: encryptedFor, ...(leftOut.length > 0 && { leftOut }) };
}

/** Whether only a person can make a message leave: the key is refused, or may not send this message. */
export function needsPerson(code: PhotonErrorCode | null): code is "unauthorized" | "forbidden" {
  return code === "unauthorized" || code === "forbidden";
}

/** What a person is told then. */
export function notSent(reason: string, code: "unauthorized" | "forbidden"): string {
  if (code === "forbidden") return `Not sent: ${reason} The message stays on this machine.`;
  return (
    `Not sent: ${reason} The message stays on this machine and is ` +
    "sent once the key is accepted: `photon invite` on a machine that has joined, then `photon join <line>` here; `photon setup` corrects a mistyped key."
  );
}
