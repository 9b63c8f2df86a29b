import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { maskedLine, maskSecrets } from "./mask-secrets.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** The same letters in every run, as random as a key's; nothing that looks like one stands in this file. */
function letters(seed: string, length: number, alphabet = ALPHABET): string {
  let text = "";
  for (let block = 0; text.length < length; block++) {
    for (const byte of createHash("sha512").update(`${seed} ${block}`).digest())
      text += alphabet[byte % alphabet.length] ?? "";
  }
  return text.slice(0, length);
}

const GITHUB = `${"gh"}p_${letters("ghp", 36)}`;
const PRIVATE = `-----BEGIN ${"PRIVATE"} KEY-----\n${letters("k", 64)}\n${letters("k2", 64)}\n${letters("k3", 20)}==\n-----END ${"PRIVATE"} KEY-----`;
const AWS = { id: `${"AK"}IA${letters("id", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`, secret: letters("aws", 40) };
const MACHINE = `${"photon"}_${letters("m", 43)}`;
const AGE = `${"AGE-SECRET"}-KEY-1${letters("a", 58, "023456789ACDEFGHJKLMNPQRSTUVWXYZ")}`;
const INVITATION = `https://bridge.example/join#${letters("i", 32, "0123456789abcdef")}.${letters("s", 22)}`;

describe("a text on its way out", () => {
  it.each([
    ["a GitHub token", GITHUB, "a GitHub token"],
    ["a private key, to its last line", PRIVATE, "a private key"],
    ["a private key that breaks off", PRIVATE.slice(0, 150), "a private key"],
    ["a machine's key of Photon", MACHINE, "a machine's key of Photon"],
    ["an age identity", AGE, "an age identity"],
    ["an Anthropic key, to its end", `${"s"}k-ant-api03-${letters("a", 93)}AA`, "an Anthropic key"],
    ["an npm token, to its end", `//registry.example/:_auth${"Token"}=${letters("n", 40)}`, "an npm token"],
  ])("goes without %s, and with everything else as it was", async (_, secret, what) => {
    const { text, findings } = await maskSecrets(`before\n\n\t“x” ${secret} \r\nafter`);
    expect(text.replace(/\[[^\]]*, left out by Photon\]/, "…")).toMatch(/^before\n\n\t“x” .*… \r\nafter$/s);
    expect(findings).toMatchObject([{ what, line: 3, code: expect.stringMatching(/^[0-9a-f]{8}$/) }]);
    for (const part of secret.match(/[A-Za-z0-9]{16,}/g) ?? []) expect(text).not.toContain(part);
  });

  it("goes without the password of an address, the secret half of an AWS key, a bearer token, an invitation", async () => {
    const password = letters("p", 14);
    const bearer = letters("b", 30);
    const lines = [
      `postgres:${"//"}app:${password}@db.example.com/app`,
      `id ${AWS.id} and ${AWS.secret}`,
      `curl -H "Authorization: Bearer ${bearer}" https://x.example`,
      `photon join ${INVITATION}`,
    ];
    const { text, findings } = await maskSecrets(lines.join("\n"));
    for (const secret of [password, AWS.secret, bearer, INVITATION.split(".").at(-1) ?? "?"]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain("https://x.example");
    expect(new Set(findings.map(({ line }) => line))).toEqual(new Set([1, 2, 3, 4]));
  });

  it("goes as it is when nothing is found", async () => {
    const texts = [
      "",
      "   ",
      "hello",
      "the header is Authorization: Bearer <your token here>",
      `photon_${"x".repeat(10)}`,
    ];
    for (const text of texts) expect(await maskSecrets(text)).toEqual({ text, findings: [] });
  });

  it("lets pass what a person allowed, by its code, and nothing else", async () => {
    const both = `${GITHUB} ${MACHINE}`;
    const { findings } = await maskSecrets(both);
    expect(findings).toHaveLength(2);
    const { text, findings: left } = await maskSecrets(both, { allowed: [findings[0]?.code ?? ""] });
    expect(text).toContain(GITHUB);
    expect(text).not.toContain(MACHINE);
    expect(left).toEqual([findings[1]]);
    expect(JSON.stringify(findings)).not.toContain(GITHUB.slice(4, 20));
  });

  it("is masked once where two rules know the same", async () => {
    const { text } = await maskSecrets(`x ${PRIVATE}${PRIVATE} y`);
    expect(text.match(/left out by Photon/g)?.length).toBeLessThanOrEqual(2);
    expect(text).toMatch(/^x \[.*\] y$/s);
  });

  it("is told of in one sentence, with the codes", async () => {
    const { findings } = await maskSecrets(`a\n${GITHUB}`);
    expect(maskedLine(findings)).toBe(
      `Left out before it was sent: a GitHub token (line 2, ${findings[0]?.code}). If it is no secret, a person lets it pass in a terminal with --allow <code>.`,
    );
    expect(maskedLine([])).toBeNull();
  });
});
