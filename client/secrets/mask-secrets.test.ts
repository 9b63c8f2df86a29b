import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { letters } from "../../test/support/secrets/letters.ts";
import { maskedLine, maskSecrets } from "./mask-secrets.ts";

const GITHUB = `${"gh"}p_${letters("ghp", 36)}`;
const PRIVATE = `-----BEGIN ${"PRIVATE"} KEY-----\n${letters("k", 64)}\n${letters("k2", 64)}\n${letters("k3", 20)}==\n-----END ${"PRIVATE"} KEY-----`;
const AWS = { id: `${"AK"}IA${letters("id", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`, secret: letters("aws", 40) };
const MACHINE = `${"photon"}_${letters("m", 43)}`;
const AGE = `${"AGE-SECRET"}-KEY-1${letters("a", 58, "023456789ACDEFGHJKLMNPQRSTUVWXYZ")}`;
const INVITATION = `https://bridge.example/join#${letters("i", 32, "0123456789abcdef")}.${letters("s", 22)}`;

describe("an outgoing text", () => {
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

  it("loses the password in a URL, the secret half of an AWS key, a bearer token, an invitation", async () => {
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

  it("is unchanged if nothing is found", async () => {
    const texts = [
      "",
      "   ",
      "hello",
      "the header is Authorization: Bearer <your token here>",
      `photon_${"x".repeat(10)}`,
    ];
    for (const text of texts) expect(await maskSecrets(text)).toEqual({ text, findings: [] });
  });

  it("keeps a secret that a person allowed by its code, and no other", async () => {
    const both = `${GITHUB} ${MACHINE}`;
    const { findings } = await maskSecrets(both);
    expect(findings).toHaveLength(2);
    const { text, findings: left } = await maskSecrets(both, { allowed: [findings[0]?.code ?? ""] });
    expect(text).toContain(GITHUB);
    expect(text).not.toContain(MACHINE);
    expect(left).toEqual([findings[1]]);
    expect(JSON.stringify(findings)).not.toContain(GITHUB.slice(4, 20));
  });

  it.each(["aws_secret_access_key = ", "AWS_SECRET_ACCESS_KEY=", '"aws_secret_access_key": "', "  secretKey: "])(
    "goes without the whole of an AWS secret behind %j",
    async (name) => {
      const { text } = await maskSecrets(`${name}${AWS.secret}`);
      for (let at = 0; at + 6 <= AWS.secret.length; at++) expect(text).not.toContain(AWS.secret.slice(at, at + 6));
    },
  );

  it("is masked once where two rules find the same secret", async () => {
    const { text } = await maskSecrets(`x ${PRIVATE}${PRIVATE} y`);
    expect(text.match(/left out by Photon/g)?.length).toBeLessThanOrEqual(2);
    expect(text).toMatch(/^x \[.*\] y$/s);
  });

  it("loses the secret halves of all AWS keys that are near each other", async () => {
    const others = {
      id: `${"AK"}IA${letters("id2", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`,
      secret: letters("aws2", 40),
    };
    const { text } = await maskSecrets(`${AWS.id} ${AWS.secret}\n${others.id} ${others.secret}`);
    for (const secret of [AWS.secret, others.secret]) expect(text).not.toContain(secret);
  });

  it("loses this machine's key to the bridge in any form, unless it is as short as a word", async () => {
    const ownKey = "correct horse battery";
    const { text, findings } = await maskSecrets(`${ownKey}!\n(${ownKey})`, { ownKey });
    expect(text).toBe(
      "[this machine's key to the bridge, left out by Photon]!\n([this machine's key to the bridge, left out by Photon])",
    );
    expect(findings.map(({ line }) => line)).toEqual([1, 2]);
    const allowed = findings.map(({ code }) => code);
    expect(await maskSecrets(ownKey, { ownKey, allowed })).toEqual({ text: ownKey, findings: [] });
    expect((await maskSecrets("a test-key", { ownKey: "test-key" })).findings).toEqual([]);
  });

  it("is unchanged if it was masked before", async () => {
    const once = await maskSecrets([GITHUB, PRIVATE, MACHINE, AGE, INVITATION, `${AWS.id} ${AWS.secret}`].join("\n"));
    expect(await maskSecrets(once.text)).toEqual({ text: once.text, findings: [] });
  });

  it("is described in one sentence, with the codes", async () => {
    const { findings } = await maskSecrets(`a\n${GITHUB}`);
    expect(maskedLine(findings)).toBe(
      `Left out before it was sent: a GitHub token (line 2, ${findings[0]?.code}). If this is not a secret, a person can allow it in a terminal with --allow <code>.`,
    );
    expect(maskedLine([])).toBeNull();
  });
});

/** Runs code in a child process, from source. @param lines - after the imports */
function inChild(folder: string, lines: string, timeoutMs: number) {
  const script = join(folder, "child.ts");
  writeFileSync(script, lines);
  const env = { PATH: process.env.PATH, PHOTON_HOME: join(folder, "home") };
  return spawnSync(process.execPath, [script], { encoding: "utf8", env, timeout: timeoutMs });
}
const source = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);

describe("the scan of an outgoing text", () => {
  it("prevents sending if it fails, and does not quote the text", () => {
    const folder = mkdtempSync(join(tmpdir(), "photon scan "));
    try {
      const { stdout } = inChild(
        folder,
        `import { registerHooks } from "node:module";
         registerHooks({ resolve: (name, context, next) => {
           if (name === "@secretlint/core") throw new Error("a defect near the merger is on friday");
           return next(name, context);
         } });
         const { Mailbox } = await import(${source("../mail/mailbox.ts")});
         const { loadConfig } = await import(${source("../settings/config.ts")});
         const { photonPaths } = await import(${source("../disk/paths.ts")});
         const env = { ...process.env, BRIDGE_WORKER_URL: "http://127.0.0.1:1", BRIDGE_API_KEY: "a-key", BRIDGE_MACHINE_ID: "mac" };
         const paths = photonPaths(env);
         const mailbox = new Mailbox(loadConfig({ env, paths, folder: process.env.PHOTON_HOME }), paths);
         const error = await mailbox.outbox.send({ content: "the merger is on friday", to: "pc" }).catch((each) => each);
         console.log(error.code, error.message, String(error.cause?.message));`,
        30_000,
      );
      expect(stdout).toBe("internal The scan for secrets failed: nothing was sent or kept. undefined\n");
      expect(existsSync(join(folder, "home", "outbox"))).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 40_000);
});
