import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { RosterCrypto } from "../../../contract/follow-roster.ts";

/**
 * Cryptography for the rules of the machine list. Synchronous, so that an entry is checked and stored in one turn, and
 * strict (RFC 8032): it accepts no signature that a machine's own library would refuse.
 */
export const STRICT_CRYPTO: RosterCrypto = {
  sha256: sha256Hex,
  isSignedBy: (key, text, signature) => {
    try {
      return ed25519.verify(bytesOf(signature), utf8(text), bytesOf(key), { zip215: false });
    } catch {
      return false; // no point of the curve, or not one in its canonical encoding
    }
  },
};

/** For entries of the object's own table: it checked them before it stored them. */
export const CHECKED_BEFORE: RosterCrypto = { sha256: sha256Hex, isSignedBy: () => true };

/** In lower-case hexadecimal. */
export function sha256Hex(text: string): string {
  return Array.from(sha256(utf8(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** From base64url, which the contract has checked. */
function bytesOf(base64url: string): Uint8Array {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
