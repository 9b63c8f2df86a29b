import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { newSigningPair, signText } from "../client/machines/node-crypto.ts";
import { usersNode } from "../scripts/users-node.ts";
import vectors from "../test/support/strict-crypto-vectors.json" with { type: "json" };
import { describeStrictCrypto } from "../test/support/strict-crypto-vectors.ts";
import { isSignedBy, isUsableRecipient, isUsableSignKey } from "./strict-crypto.ts";

describeStrictCrypto();

it("accepts what Node and age make", async () => {
  const pair = newSigningPair();
  expect(isUsableSignKey(pair.publicKey)).toBe(true);
  expect(isSignedBy(pair.publicKey, "ünïcödé", signText(pair, "ünïcödé"))).toBe(true);
  expect(isUsableRecipient(await identityToRecipient(await generateX25519Identity()))).toBe(true);
});

/** Prints how many vectors there are, and the names of those that are judged otherwise. */
const JUDGE = `
import { isSignedBy, isUsableRecipient, isUsableSignKey } from "./contract/strict-crypto.ts";
import vectors from "./test/support/strict-crypto-vectors.json";
const judged = [
  ...vectors.signatures.map(({ name, key, text, signature, isRight }) => [name, isSignedBy(key, text, signature) === isRight]),
  ...vectors.signKeys.map(({ name, key, isUsable }) => [name, isUsableSignKey(key) === isUsable]),
  ...vectors.recipients.map(({ name, recipient, isUsable }) => [name, isUsableRecipient(recipient) === isUsable]),
];
console.log(JSON.stringify({ count: judged.length, wrong: judged.filter(([, isAlike]) => !isAlike) }));
`;

it("judges alike under the Node that users have, which may have another OpenSSL", async () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const stdin = { contents: JUDGE, resolveDir: root, loader: "ts" } as const;
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "cjs", platform: "node" });
  const printed = execFileSync(usersNode(), ["-"], { input: outputFiles[0]?.text ?? "", encoding: "utf8", env: {} });
  const { signatures, signKeys, recipients } = vectors;
  expect(JSON.parse(printed)).toEqual({ count: signatures.length + signKeys.length + recipients.length, wrong: [] });
});
