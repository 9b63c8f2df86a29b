import { isSameName, parseAddress } from "../../contract/address.ts";
import type { Encryption } from "./outgoing.ts";

/** A message that the bridge has, as its sender tells of it. */
interface Stored extends Partial<Encryption> {
  /** Its address; null is everyone. */
  readonly to: string | null;
}

/**
 * For whom a message was encrypted, as a sentence for its sender.
 *
 * @param self - this machine's name
 * @returns null when this machine has not joined and encrypts nothing, and when another process has sent it
 */
export function encryptionLine({ encryptedFor, leftOut = [], to }: Stored, self: string): string | null {
  if (encryptedFor === null || encryptedFor === undefined) return null;
  if (encryptedFor.length === 0) {
    const name = (to === null ? null : parseAddress(to)?.machine) ?? "the receiver";
    return `Not encrypted, so the bridge can read it: ${name} has not joined, and you allowed this.`;
  }
  const others = encryptedFor.filter((name) => !isSameName(name, self));
  const missing =
    leftOut.length === 0 ? "" : ` ${leftOut.join(", ")} cannot read it: the key in the machine list cannot be used.`;
  if (others.length > 0) return `Encrypted for ${others.join(", ")}.${missing}`;
  const isToSelf = to !== null && isSameName(parseAddress(to)?.machine ?? "", self);
  return isToSelf || missing !== ""
    ? `Encrypted for this machine alone.${missing}`
    : "Encrypted for this machine alone: no other machine has joined, and one that joins later cannot read it.";
}
