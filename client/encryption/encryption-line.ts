import { isSameName, parseAddress } from "../../contract/address.ts";
import type { Encryption } from "./outgoing.ts";

/** A message that the bridge has stored. */
interface Stored extends Partial<Encryption> {
  /** Its address; null means everyone. */
  readonly to: string | null;
}

/**
 * A sentence for the sender that says for which machines a message was encrypted.
 *
 * @param self - this machine's name
 * @returns null if this machine has not joined, or another process sent the message
 */
export function encryptionLine({ encryptedFor, leftOut = [], to }: Stored, self: string): string | null {
  if (encryptedFor === null || encryptedFor === undefined) return null;
  if (encryptedFor.length === 0) {
    const name = (to === null ? null : parseAddress(to)?.machine) ?? "the recipient";
    return `Not encrypted, so the bridge can read it: ${name} has not joined, and you allowed this.`;
  }
  const others = encryptedFor.filter((name) => !isSameName(name, self));
  const missing =
    leftOut.length === 0 ? "" : ` ${leftOut.join(", ")} cannot read it: the key in the machine list is unusable.`;
  if (others.length > 0) return `Encrypted for ${others.join(", ")}.${missing}`;
  const isToSelf = to !== null && isSameName(parseAddress(to)?.machine ?? "", self);
  return isToSelf || missing !== ""
    ? `Encrypted only for this machine.${missing}`
    : "Encrypted only for this machine: no other machine has joined, and one that joins later cannot read it.";
}
