import type { RosterCrypto } from "../../contract/follow-roster.ts";

/** The Worker's own cryptography, for the rules of the roster. */
export const WEB_CRYPTO: RosterCrypto = {
  sha256: async (text) => hex(await crypto.subtle.digest("SHA-256", utf8(text))),
  isSignedBy: async (key, text, signature) => {
    const publicKey = await crypto.subtle.importKey("raw", bytesOf(key), "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", publicKey, bytesOf(signature), utf8(text));
  },
};

/** SHA-256 in lower-case hexadecimal. */
export async function sha256(text: string): Promise<string> {
  return WEB_CRYPTO.sha256(text);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** From base64url, which the contract has checked. */
function bytesOf(base64url: string): Uint8Array {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
