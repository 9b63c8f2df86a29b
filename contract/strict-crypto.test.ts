import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { newSigningPair, signText } from "../client/machines/node-crypto.ts";
import { usersNode } from "../scripts/users-node.ts";
import { judgeVectors } from "../test/support/judge-vectors.ts";
import { describeStrictCrypto } from "../test/support/strict-crypto-vectors.ts";
import { isSignedBy, isUsableRecipient, isUsableSignKey } from "./strict-crypto.ts";

describeStrictCrypto();

it("accepts keys, signatures and recipients made by Node and age", async () => {
  const pair = newSigningPair();
  expect(isUsableSignKey(pair.publicKey)).toBe(true);
  expect(isSignedBy(pair.publicKey, "ünïcödé", signText(pair, "ünïcödé"))).toBe(true);
  expect(isUsableRecipient(await identityToRecipient(await generateX25519Identity()))).toBe(true);
});

const JUDGE = `
import { judgeVectors } from "./test/support/judge-vectors.ts";
console.log(JSON.stringify(judgeVectors()));
`;

it("gives the same results under the users' Node, which may have another OpenSSL", async () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const stdin = { contents: JUDGE, resolveDir: root, loader: "ts" } as const;
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "cjs", platform: "node" });
  const printed = execFileSync(usersNode(), ["-"], { input: outputFiles[0]?.text ?? "", encoding: "utf8", env: {} });
  expect(JSON.parse(printed)).toEqual(judgeVectors());
});
