import { describe, expect, it } from "vitest";
import { isSignedBy, isUsableRecipient, isUsableSignKey, sha256Hex } from "../../contract/strict-crypto.ts";
import vectors from "./strict-crypto-vectors.json" with { type: "json" };

/** A key that was used a few times has a table of its multiples from then on. */
const TIMES = 5;

/** The same vectors wherever Photon runs: an entry that only some accept would divide the machines. */
export function describeStrictCrypto(): void {
  describe("a signature", () => {
    it.each(vectors.signatures)("is judged alike everywhere: $name", ({ key, text, signature, isRight }) => {
      for (let time = 0; time < TIMES; time++) expect(isSignedBy(key, text, signature)).toBe(isRight);
    });

    it("of a key, an R or an S that would fit every text is never right; libraries differ in 75 of these", () => {
      const { keys, rs, ss, texts } = vectors.smallOrder;
      const accepted = keys.flatMap((key) =>
        rs.flatMap((r) =>
          ss.flatMap((s) =>
            Array.from({ length: texts }, (_, at) => `photon roster 1\n${at}`).filter((text) =>
              isSignedBy(key, text, base64url(`${r}${s}`)),
            ),
          ),
        ),
      );
      expect(accepted).toEqual([]);
    });
  });

  it.each(vectors.signKeys)("a signing key can be used or not: $name", ({ key, isUsable }) => {
    expect(isUsableSignKey(key)).toBe(isUsable);
  });

  it.each(vectors.recipients)("a recipient can be used or not: $name", ({ recipient, isUsable }) => {
    expect(isUsableRecipient(recipient)).toBe(isUsable);
  });

  it("hashes a text that is not well-formed like any other", () => {
    expect(sha256Hex("\ud800")).toBe(sha256Hex("\ufffd"));
    expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
}

function base64url(hex: string): string {
  const binary = (hex.match(/../g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
