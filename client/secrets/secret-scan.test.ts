import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { letters } from "../../test/support/secrets/letters.ts";
import { scanForSecrets } from "./secret-scan.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS = "0123456789";
const rsa = (options: object) =>
  String(
    generateKeyPairSync("rsa", {
      modulusLength: 2_048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", ...options },
    }).privateKey,
  );
const curve = String(
  generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
  }).privateKey,
);
const address = (scheme: string, user: string, password: string, host: string) =>
  `${scheme}:${"//"}${user}:${password}@${host}`;
const block = (kind: string, body: string) =>
  `${"-".repeat(5)}BEGIN ${kind}${"-".repeat(5)}\n${body}\n${"-".repeat(5)}END ${kind}${"-".repeat(5)}\n`;

describe("scanForSecrets", () => {
  it.each([
    [
      "an AWS key",
      `aws_access_key_id = ${"AK"}IA${letters("id", 16, UPPER)}\naws_secret_access_key = ${letters("aws", 40)}`,
    ],
    ["an AWS key", `ID="${"AK"}IA${letters("id", 16, UPPER)}"\nOTHER_NAME="${letters("aws", 40)}"`],
    ["a GitHub token", `${"gh"}p_${letters("ghp", 36)}`],
    ["a GitHub token", `${"github"}_pat_${letters("pat", 22)}_${letters("pat2", 59)}`],
    ["a Slack token", `${"xo"}xb-${letters("s", 12, DIGITS)}-${letters("s2", 12, DIGITS)}-${letters("s3", 24)}`],
    ["an OpenAI key", `${"s"}k-${letters("o", 20)}T3Blbk${"FJ"}${letters("o2", 20)}`],
    ["an OpenAI key", `${"s"}k-proj-${letters("o", 74)}T3Blbk${"FJ"}${letters("o2", 74)}`],
    ["an Anthropic key", `${"s"}k-ant-api03-${letters("a", 93)}AA`],
    ["an Anthropic key", `${"s"}k-ant-admin01-${letters("a", 93)}AA`],
    ["an npm token", `${"np"}m_${letters("n", 36)}`],
    ["an npm token", `//registry.example/:_auth${"Token"}=${randomUUID()}`],
    ["a private key", rsa({})],
    ["a private key", rsa({ cipher: "aes-256-cbc", passphrase: "x" })],
    ["a private key", rsa({ type: "pkcs1", cipher: "aes-256-cbc", passphrase: "x" })],
    ["a private key", curve],
    ["a private key", JSON.stringify({ key: curve })],
    ["a private key", block("OPENSSH PRIVATE KEY", letters("openssh", 70))],
    ["a private key", block("PGP PRIVATE KEY BLOCK", `Version: 1\n\n${letters("pgp", 64)}`)],
    ["a password in an address", address("https", "deploy", letters("b", 12), "git.example.com/repository")],
    ["a password in an address", address("https", "deploy", "p%21w#0".replace("#", "%23"), "git.example.com")],
    ["a password in an address", address("http", "deploy", letters("b", 12), "localhost:8080/")],
    ["a password in an address", address("redis", "", letters("r", 12), "cache.example.com:6379")],
    ["a password", address("postgres", "app", letters("p", 12), "db.example.com:5432/app")],
    ["a password", address("mysql", "app", letters("m", 12), "10.0.0.5/app")],
    ["a password", address("mongodb+srv", "app", letters("g", 12), "cluster0.example.mongodb.net/app")],
  ])("finds %s, and does not repeat it", async (what, secret) => {
    for (const text of [secret, `// fine\nconst x = ${JSON.stringify(secret)};\n`]) {
      const finding = await scanForSecrets("src/x.ts", Buffer.from(text));
      expect(finding, text).toContain(what);
      for (const part of secret.match(/[A-Za-z0-9]{12,}/g) ?? []) expect(finding).not.toContain(part);
    }
  });

  it("finds the key file of a Google service account", async () => {
    const file = {
      type: "service_account",
      project_id: "p",
      private_key_id: letters("i", 40, "0123456789abcdef"),
      private_key: rsa({}),
    };
    expect(await scanForSecrets("conf/account.json", Buffer.from(JSON.stringify(file, null, 2)))).toMatch(
      /Google Cloud key|private key/,
    );
  });

  it("gives the line of the first secret, and says that there are others", async () => {
    const text = `a\nb\n${"gh"}p_${letters("ghp", 36)}\n${rsa({})}`;
    expect(await scanForSecrets("x", Buffer.from(text))).toBe("a GitHub token (line 3), and 1 of other kinds");
  });

  it("finds a secret in UTF-16, as Windows writes text, and ignores comments that would switch it off", async () => {
    const token = `${"gh"}p_${letters("ghp", 36)}`;
    const little = Buffer.from(`\ufeff${token}`, "utf16le");
    expect(await scanForSecrets("x.ps1", little)).toContain("a GitHub token");
    expect(await scanForSecrets("x.ps1", Buffer.from(little).swap16())).toContain("a GitHub token");
    expect(await scanForSecrets("x.ts", Buffer.from(`// secretlint-disable\nx = "${token}"`))).toContain("GitHub");
  });

  it("does not scan binary files", async () => {
    const token = `${"gh"}p_${letters("ghp", 36)}`;
    expect(await scanForSecrets("x.bin", Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(token)]))).toBeNull();
  });

  it.each([
    ["nothing", ""],
    ["a UUID", `const id = "${randomUUID()}";`],
    ["hashes", `sha256-${letters("h", 43)}= ${createHash("sha256").update("x").digest("hex")}`],
    ["a base64 image", `<img src="data:image/png;base64,${letters("png", 4_000)}==">`],
    ["a line of a lockfile", `resolution: {integrity: sha512-${letters("lock", 86)}==}`],
    ["a public key", block("PUBLIC KEY", letters("public", 64))],
    ["code about keys", 'if (line.startsWith("-----BEGIN PRIVATE KEY-----")) return "a key";'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text that is looked through
    ["addresses made of variables", '`https://${user}:${password}@${host}`; "https://%s:%s@host"; https://{u}:{p}@h'],
    [
      "addresses with words for a password",
      "postgres://postgres:postgres@localhost:5432 https://user:password@example.com",
    ],
    [
      "an address with a port",
      "http://localhost:8080/path@2x.png and ssh://git@example.com:2222/x and user@example.com:",
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text that is looked through
    ["a token from the environment", "//registry.example/:_authToken=${NPM_TOKEN}"],
    ["the name of an AWS key alone", `const EXAMPLE = "${"AK"}IA${letters("id", 16, UPPER)}";`],
  ])("does not take %s for a secret", async (_, text) => {
    expect(await scanForSecrets("src/x.ts", Buffer.from(text))).toBeNull();
  });

  it("finds nothing in this repository's own files", async () => {
    const paths = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0").filter(Boolean);
    const found: string[] = [];
    for (const path of paths.filter((name) => !name.startsWith("dist/"))) {
      const finding = await scanForSecrets(path, readFileSync(join(ROOT, path)));
      if (finding !== null) found.push(`${path}: ${finding}`);
    }
    expect(found).toEqual([]);
  });

  it("is bundled into one file that needs only Node, and loads the linter on the first scan", async () => {
    const folder = mkdtempSync(join(tmpdir(), "photon scan "));
    try {
      const outfile = join(folder, "scan.mjs");
      const { metafile } = await build({
        stdin: {
          contents: `import { scanForSecrets } from "./client/secrets/secret-scan.ts";
            const before = globalThis.linterLoaded === true;
            const found = await scanForSecrets("x", Buffer.from(process.argv[2]));
            console.log(JSON.stringify({ before, after: globalThis.linterLoaded === true, found }));`,
          resolveDir: ROOT,
        },
        bundle: true,
        outfile,
        metafile: true,
        platform: "node",
        format: "esm",
        target: "node20",
        logLevel: "silent",
        banner: {
          js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
        },
        plugins: [
          {
            name: "tells when it is loaded",
            setup({ onLoad }) {
              onLoad({ filter: /secretlint-rule-preset-recommend\/module\/index\.js$/ }, ({ path }) => ({
                contents: `globalThis.linterLoaded = true;\n${readFileSync(path, "utf8")}`,
              }));
            },
          },
        ],
      });
      const external = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
      expect(external.filter((name) => !isBuiltin(name))).toEqual([]);
      writeFileSync(join(folder, "package.json"), "{}");
      const token = `${"gh"}p_${letters("ghp", 36)}`;
      const output = execFileSync(process.execPath, [outfile, token], { cwd: folder, encoding: "utf8", env: {} });
      expect(JSON.parse(output)).toEqual({ before: false, after: true, found: "a GitHub token (line 1)" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
