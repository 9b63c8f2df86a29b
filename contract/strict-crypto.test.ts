import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, it } from "vitest";
import { newSigningPair, signText } from "../client/roster/node-crypto.ts";
import { describeStrictCrypto } from "../test/support/strict-crypto-vectors.ts";
import { isSignedBy, isUsableRecipient, isUsableSignKey } from "./strict-crypto.ts";

describeStrictCrypto();

it("accepts what Node and age make", async () => {
  const pair = newSigningPair();
  expect(isUsableSignKey(pair.publicKey)).toBe(true);
  expect(isSignedBy(pair.publicKey, "ünïcödé", signText(pair, "ünïcödé"))).toBe(true);
  expect(isUsableRecipient(await identityToRecipient(await generateX25519Identity()))).toBe(true);
});
