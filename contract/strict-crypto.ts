import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64urlnopad, bech32 } from "@scure/base";
import type { MachineListCrypto } from "./follow-machine-list.ts";

/** Any private key shows whether a public key is of small order: only then the shared secret is zero, which is refused. */
const ANY_SCALAR = new Uint8Array(32).fill(9);

/**
 * Cryptography for the rules of the machine list, and the only check of a signature: the bridge and every machine run this
 * code, whatever their OpenSSL or BoringSSL accepts. The libraries of two versions of Node and of workerd disagree about
 * keys of small order, and one entry that only some accept would stop the others from following the list.
 *
 * It loads curves, some 100 KB: import it when there is something to check, not at a start.
 */
export const STRICT_CRYPTO: MachineListCrypto = { sha256: sha256Hex, isSignedBy, isUsableSignKey, isUsableRecipient };

/** In lower-case hexadecimal. */
export function sha256Hex(text: string): string {
  return Array.from(sha256(utf8(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Whether an Ed25519 signature is right, by RFC 8032 with canonical encodings alone. A key or an `R` of small order is
 * refused: it would fit every text.
 *
 * @param key - base64url @param signature - base64url
 */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  try {
    const bytes = base64urlnopad.decode(signature);
    if (ed25519.Point.fromBytes(bytes.subarray(0, 32), false).isSmallOrder()) return false;
    return ed25519.verify(bytes, utf8(text), base64urlnopad.decode(key), { zip215: false });
  } catch {
    return false; // not base64url, or no point of the curve in its canonical encoding
  }
}

/** Whether a public Ed25519 key is one that a private key has: a canonical point of the large subgroup. @param key - base64url */
export function isUsableSignKey(key: string): boolean {
  try {
    const point = ed25519.Point.fromBytes(base64urlnopad.decode(key), false);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** Whether age can encrypt to a recipient: the checksum is right, and the point is canonical and not of small order. */
export function isUsableRecipient(recipient: string): boolean {
  try {
    const { prefix, bytes } = bech32.decodeToBytes(recipient);
    if (prefix !== "age" || recipient !== recipient.toLowerCase()) return false;
    ed25519.Point.Fp.fromBytes(bytes); // throws for a number that the field does not have
    x25519.getSharedSecret(ANY_SCALAR, bytes);
    return true;
  } catch {
    return false;
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
