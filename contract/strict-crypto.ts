import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { base64urlnopad, bech32 } from "@scure/base";
import type { MachineListCrypto } from "./follow-machine-list.ts";

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

/** Size of the cache of decoded keys (least recently used goes first). A table takes about 130 KB. */
const MAX_KNOWN_KEYS = 16;
/** A table pays off after three or four checks, so a key that is used once gets none. */
const CHECKS_BEFORE_TABLE = 3;
/** A wider window doubles the memory and hardly speeds up a check. */
const TABLE_WINDOW_BITS = 4;

const R_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Any private key will do: the shared secret is zero, and refused, only if the public key is of small order. */
const ANY_SCALAR = new Uint8Array(32).fill(9);

/**
 * Cryptography for the rules of the machine list, and the only code that checks signatures. The bridge and every machine run
 * it, because the OpenSSL and BoringSSL of different Node and workerd versions disagree about keys of small order. An entry
 * that only some of them accept would stop the others from following the list.
 *
 * It loads about 100 KB of curve code. Import it only when there is something to check, never at start-up.
 */
export const STRICT_CRYPTO: MachineListCrypto = { sha256: sha256Hex, isSignedBy, isUsableSignKey, isUsableRecipient };

/** @returns lower-case hexadecimal */
export function sha256Hex(text: string): string {
  return Array.from(sha256(utf8(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Whether an Ed25519 signature is valid: the bytes of `R` equal those of `S·B − k·A`. This is RFC 8032's equation without
 * the cofactor, as in OpenSSL and BoringSSL, and it allows only canonical encodings. A key or an `R` of small order is
 * refused, because it could fit any text.
 *
 * Takes about 0.4 ms for a key that was used a few times, four times as long before.
 *
 * @param key - base64url @param signature - base64url
 */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  try {
    const bytes = base64urlnopad.decode(signature);
    const scalar = bytesToNumberLE(bytes.subarray(R_BYTES));
    if (bytes.length !== SIGNATURE_BYTES || !Point.Fn.isValid(scalar)) return false;
    const r = bytes.subarray(0, R_BYTES);
    const hash = sha512(concatBytes(r, base64urlnopad.decode(key), utf8(text)));
    const timesKey = signKeyPoint(key).multiplyUnsafe(Point.Fn.create(bytesToNumberLE(hash)));
    const expected = Point.BASE.multiplyUnsafe(scalar).subtract(timesKey);
    return !expected.isSmallOrder() && expected.toBytes().every((byte, at) => byte === r[at]);
  } catch {
    return false; // not base64url, or not a key
  }
}

/** In order of use; the most recently used key is last. */
const knownKeys = new Map<string, { readonly point: Point; checks: number }>();

/** @throws if the key is not the canonical encoding of a point, or the point is of small order */
function signKeyPoint(key: string): Point {
  const known = knownKeys.get(key) ?? { point: decodeSignKey(key), checks: 0 };
  known.checks += 1;
  if (known.checks === CHECKS_BEFORE_TABLE) known.point.precompute(TABLE_WINDOW_BITS);
  knownKeys.delete(key);
  knownKeys.set(key, known);
  for (const oldest of knownKeys.keys()) {
    if (knownKeys.size <= MAX_KNOWN_KEYS) break;
    knownKeys.delete(oldest);
  }
  return known.point;
}

function decodeSignKey(key: string): Point {
  const point = Point.fromBytes(base64urlnopad.decode(key), false);
  if (point.isSmallOrder()) throw new RangeError("The key is of small order.");
  return point;
}

/** Whether an Ed25519 public key can have a private key: a canonical point of the large subgroup. @param key - base64url */
export function isUsableSignKey(key: string): boolean {
  try {
    const point = Point.fromBytes(base64urlnopad.decode(key), false);
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
    Point.Fp.fromBytes(bytes); // throws if the number is outside the field
    x25519.getSharedSecret(ANY_SCALAR, bytes);
    return true;
  } catch {
    return false;
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
