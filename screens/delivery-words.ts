import type { PhotonErrorCode } from "../client/bridge/photon-error.ts";
import type { Delivery } from "../client/mail/outbox-delivery.ts";

// What became of a message: shared by `photon send` and `photon handover --send`.

/** For `--json`: for whom a message was encrypted. Empty if this machine has not joined, or if it is not known. */
export function encryptionJson(delivery: Delivery): Record<string, unknown> {
  if (delivery.state !== "stored" || !delivery.encryptedFor) return {};
  const { encryptedFor, leftOut = [] } = delivery;
  return { encryptedFor, ...(leftOut.length > 0 && { leftOut }) };
}

/** Whether retrying is useless until a person acts: the key is refused, or does not allow this message. */
export function needsPerson(code: PhotonErrorCode | null): code is "unauthorized" | "forbidden" {
  return code === "unauthorized" || code === "forbidden";
}

/** Explains a message that {@link needsPerson}. */
export function notSent(reason: string, code: "unauthorized" | "forbidden"): string {
  if (code === "forbidden") return `Not sent: ${reason} The message stays on this machine.`;
  return (
    `Not sent: ${reason} The message stays on this machine and is sent once the bridge accepts the key. ` +
    "Run `photon join <line>` here, with a line that `photon invite` prints on a joined machine; on a machine that never joined, `photon setup` corrects a mistyped key."
  );
}

/** What happens to queued messages. */
export const RETRIES = "Photon retries until the bridge has it.";

/** Explains a message that the bridge refused permanently. */
export function refusedText(reason: string): string {
  return `Not sent, and Photon will not retry: ${reason}`;
}
