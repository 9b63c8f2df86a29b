import type { PhotonErrorCode } from "../client/bridge/photon-error.ts";
import type { Delivery } from "../client/mail/outbox-delivery.ts";

// What became of a message: shared by `photon send` and `photon handover --send`.

/** For `--json`: for whom a message was encrypted. Empty if this machine has not joined, or if it is not known. */
export function encryptionJson(delivery: Delivery): Record<string, unknown> {
  if (delivery.state !== "stored" || !delivery.encryptedFor) return {};
  const { encryptedFor, leftOut = [] } = delivery;
  return { encryptedFor, ...(leftOut.length > 0 && { leftOut }) };
}

/** Without these, no retry helps: the key is refused or does not allow this message, or this machine is not set up. */
const NEEDS_PERSON = ["unauthorized", "forbidden", "not_set_up"] as const;
type NeedsPerson = (typeof NEEDS_PERSON)[number];

/** Whether retrying is useless until a person acts. */
export function needsPerson(code: PhotonErrorCode | null): code is NeedsPerson {
  return NEEDS_PERSON.some((known) => known === code);
}

/**
 * Why a queued message is a failure, as the sentences for the person; null if it is none, because Photon retries.
 *
 * @param reason - why it is not sent
 * @param isEnough - whether something will retry; in CI nothing may be left to do so
 */
export function whyQueuedFails(reason: string, code: PhotonErrorCode | null, isEnough: boolean): string | null {
  if (needsPerson(code)) return notSent(reason, code);
  if (isEnough) return null;
  return `Not sent: ${reason} It is only queued on this machine, and in CI nothing may be left to send it later. If this disk is kept, add --queue.`;
}

function notSent(reason: string, code: NeedsPerson): string {
  switch (code) {
    case "forbidden":
      return `Not sent: ${reason} The message stays on this machine.`;
    case "not_set_up":
      return `Not sent: ${reason} The message stays on this machine and is sent once it is set up: \`photon join <line>\`, or \`photon setup\` on the first machine.`;
    case "unauthorized":
      return (
        `Not sent: ${reason} The message stays on this machine and is sent once the bridge accepts the key. ` +
        "Run `photon join <line>` here, with a line that `photon invite` prints on a joined machine; on a machine that never joined, `photon setup` corrects a mistyped key."
      );
  }
}

/** Explains a handover that is on the bridge without the capsule that it was written with. */
export const CAPSULE_NOT_SENT =
  "The capsule was not sent: this bridge stores no capsules or has no room for it, or the capsule was removed here. Your changes are still only on this machine.";

/** A handover that is on the bridge without its capsule. @param receiver - an address, or "everyone" */
export function onlyTextLine(receiver: string): string {
  return `Only the text of the handover to ${receiver} is on the bridge. ${CAPSULE_NOT_SENT}`;
}

/** Where a handover is. @param reason - why it is still queued here; null if the bridge has it */
export function handedOverLine(receiver: string, reason: string | null): string {
  return reason === null
    ? `Handed over to ${receiver}; it is on the bridge.`
    : `Not handed over yet: the handover to ${receiver} is queued on this machine. ${reason} ${RETRIES}`;
}

/** What happens to queued messages. */
export const RETRIES = "Photon retries until the bridge has it.";

/** Explains a message that the bridge refused permanently. */
export function refusedText(reason: string): string {
  return `Not sent, and Photon will not retry: ${reason}`;
}
