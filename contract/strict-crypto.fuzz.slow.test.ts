import { createPublicKey, verify } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isSignedBy } from "./strict-crypto.ts";

const { Point } = ed25519;
const { Fn } = Point;
const RUNS = 500;
const KEYS = 3; // with the parts of small order more than are kept

/** A generator of the eight points of small order. */
const ORDER_8 = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** How often the point of order 8 is added. Four times is a point of order 2, for which every other signature is right. */
const SMALL_PART = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constant(4) },
  fc.integer({ min: 0, max: 7 }),
);

/** What is signed, with a part of small order in the key, in `R`, in both or in neither. Then one bit may change, or `L` is added to S. */
const arbitrarySigning = fc.record({
  key: fc.integer({ min: 1, max: KEYS }),
  keyPart: SMALL_PART,
  rPart: SMALL_PART,
  nonce: fc.bigInt({ min: 1n, max: Fn.ORDER - 1n }),
  text: fc.string({ unit: "binary", maxLength: 40 }),
  flipped: fc.option(fc.integer({ min: 0, max: 511 }), { freq: 2 }),
  isPlusOrder: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});

interface Signed {
  readonly key: Uint8Array;
  readonly text: string;
  readonly signature: Uint8Array;
}

function sign(signing: typeof arbitrarySigning extends fc.Arbitrary<infer Signing> ? Signing : never): Signed {
  const { key: index, keyPart, rPart, nonce, text, flipped, isPlusOrder } = signing;
  const secret = Fn.create(bytesToNumberLE(sha512(Uint8Array.of(index))));
  const key = Point.BASE.multiplyUnsafe(secret)
    .add(ORDER_8.multiplyUnsafe(BigInt(keyPart)))
    .toBytes();
  const r = Point.BASE.multiplyUnsafe(nonce)
    .add(ORDER_8.multiplyUnsafe(BigInt(rPart)))
    .toBytes();
  const hash = Fn.create(bytesToNumberLE(sha512(concatBytes(r, key, new TextEncoder().encode(text)))));
  const scalar = Fn.create(nonce + hash * secret) + (isPlusOrder ? Fn.ORDER : 0n);
  const signature = concatBytes(r, Buffer.from(scalar.toString(16).padStart(64, "0"), "hex").reverse());
  if (flipped !== null) signature[flipped >> 3] = (signature[flipped >> 3] ?? 0) ^ (1 << (flipped & 7));
  return { key, text, signature };
}

function nodeAccepts({ key, text, signature }: Signed): boolean {
  const jwk = { kty: "OKP", crv: "Ed25519", x: base64url(key) };
  return verify(null, Buffer.from(text), createPublicKey({ key: jwk, format: "jwk" }), signature);
}

it(`agrees with OpenSSL about ${RUNS} signatures whose key and R are not of small order`, () => {
  const counts = { accepted: 0, acceptedWithPart: 0, refusedForPart: 0, refusedOtherwise: 0 };
  fc.assert(
    fc.property(arbitrarySigning, (signing) => {
      const signed = sign(signing);
      const isRight = isSignedBy(base64url(signed.key), signed.text, base64url(signed.signature));
      expect(isRight).toBe(nodeAccepts(signed));
      const hasPart = signing.keyPart !== 0 || signing.rPart !== 0;
      const isChanged = signing.flipped !== null || signing.isPlusOrder;
      if (isRight) counts[hasPart ? "acceptedWithPart" : "accepted"] += 1;
      else counts[isChanged ? "refusedOtherwise" : "refusedForPart"] += 1;
    }),
    { numRuns: RUNS },
  );
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5); // each of them was tried
});
