import { isSignedBy, isUsableRecipient, isUsableSignKey, sha256Hex } from "../../contract/strict-crypto.ts";
import vectors from "./strict-crypto-vectors.json" with { type: "json" };

/** A test vector, and whether it is judged as expected. */
export interface Judgement {
  readonly name: string;
  readonly isAsExpected: boolean;
}

/** Several, because after a few uses the library computes a table for a key. */
const TIMES = 5;

/** Judges all vectors on the current platform. Does not use Node's APIs, so that it also runs in workerd and browsers. */
export function judgeVectors(): Judgement[] {
  return [
    ...vectors.signatures.map(({ name, key, text, signature, isRight }) => ({
      name: `signature: ${name}`,
      isAsExpected: Array.from({ length: TIMES }, () => isSignedBy(key, text, signature)).every((is) => is === isRight),
    })),
    ...vectors.signKeys.map(({ name, key, isUsable }) => ({
      name: `signing key: ${name}`,
      isAsExpected: isUsableSignKey(key) === isUsable,
    })),
    ...vectors.recipients.map(({ name, recipient, isUsable }) => ({
      name: `recipient: ${name}`,
      isAsExpected: isUsableRecipient(recipient) === isUsable,
    })),
    {
      // Libraries disagree on 75 of them.
      name: "signature: a key, an R or an S that would fit every text is rejected",
      isAsExpected: smallOrderSignatures().every(({ key, text, signature }) => !isSignedBy(key, text, signature)),
    },
    {
      name: "hash of a text that is not well-formed",
      isAsExpected:
        sha256Hex("\ud800") === sha256Hex("\ufffd") &&
        sha256Hex("abc") === "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    },
  ];
}

function smallOrderSignatures() {
  const { keys, rs, ss, texts } = vectors.smallOrder;
  return keys.flatMap((key) =>
    rs.flatMap((r) =>
      ss.flatMap((s) =>
        Array.from({ length: texts }, (_, at) => ({
          key,
          text: `photon roster 1\n${at}`,
          signature: base64url(`${r}${s}`),
        })),
      ),
    ),
  );
}

function base64url(hex: string): string {
  const binary = (hex.match(/../g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
