import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { base64urlnopad, bech32 } from "@scure/base";
import type { MachineListCrypto } from "./follow-machine-list.ts";

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

/** Keys whose point and table are kept, the last used ones. More machines than a person has; a table takes some 130 KB. */
const MAX_KNOWN_KEYS = 16;
/** Making a table takes as long as it saves in three or four checks, so a key that is used once gets none. */
const CHECKS_BEFORE_TABLE = 3;
/** A wider window makes a check hardly faster and takes twice the memory. */
const TABLE_WINDOW_BITS = 4;

const R_BYTES = 32;
const SIGNATURE_BYTES = 64;

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
 * Whether an Ed25519 signature is right: the bytes of `R` are those of `S·B − k·A`. That is RFC 8032's equation without the
 * cofactor, which OpenSSL and BoringSSL compute too, and allows only canonical encodings. A key or an `R` of small order is
 * refused: it would fit every text.
 *
 * About 0.4 ms once a key was used a few times, four times that before.
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
    return false; // not base64url, or no key
  }
}

/** The last used is the last. */
const knownKeys = new Map<string, { readonly point: Point; checks: number }>();

/** @throws for what is no point in its canonical encoding, and for one of small order */
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

/** Whether a public Ed25519 key is one that a private key has: a canonical point of the large subgroup. @param key - base64url */
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
    Point.Fp.fromBytes(bytes); // throws for a number that the field does not have
    x25519.getSharedSecret(ANY_SCALAR, bytes);
    return true;
  } catch {
    return false;
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
