import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";

// Signing only. What others signed is checked by contract/strict-crypto.ts, the same on every machine and on the bridge.

/** An Ed25519 key pair as a JSON Web Key has it: both halves are 32 bytes in base64url. */
export interface SigningPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

export function newSigningPair(): SigningPair {
  return pairOf(generateKeyPairSync("ed25519").privateKey);
}

/** What DER has before the 32 bytes of a private Ed25519 key (RFC 8410, section 7). */
const PKCS8_START = Buffer.from("302e020100300506032b657004220420", "hex");

/** The pair of a seed that both sides know. @param seed - 32 bytes */
export function signingPairFromSeed(seed: Uint8Array): SigningPair {
  return pairOf(createPrivateKey({ key: Buffer.concat([PKCS8_START, seed]), format: "der", type: "pkcs8" }));
}

function pairOf(key: ReturnType<typeof createPrivateKey>): SigningPair {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  return { publicKey: x, privateKey: d };
}

/** @returns base64url */
export function signText({ publicKey: x, privateKey: d }: SigningPair, text: string): string {
  const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", x, d }, format: "jwk" });
  return sign(null, Buffer.from(text), key).toString("base64url");
}
