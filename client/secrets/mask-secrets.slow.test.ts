import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** Texts that patterns may start to match over and over. */
const REPEATED = [
  ...[
    'aa: "',
    "aa: +",
    "aa: a\n",
    "a+",
    "\\n",
    "+",
    "A",
    "a ",
    "A\n",
    `${"A".repeat(64)}\n`,
    "a://a:b",
    "a+a+a://a:bcde",
    "-",
  ],
  ...[
    "photon_",
    "/join#",
    "AGE-SECRET-KEY-1",
    "authorization: bearer ",
    ":_auth=",
    "sk-ant-aa00-",
    "xoxb-1-",
    "ghs_1_",
    "SG.a.",
  ],
  ...[
    "mongodb://a:",
    "postgres://a:b@",
    "https://a:a@a.",
    "_authToken=",
    "aws_secret_access_key = ",
    '"private_key": "',
    "ops_ey",
  ],
  // Names of secrets, words for them in prose, headers, and invisible characters.
  ...[
    "password",
    "password=",
    "secret: '",
    "token_",
    'api_key = "',
    "the password for a ",
    "passwort ist ",
    "密码",
    "clave ",
  ],
  ...[
    "Cookie: sess",
    "cookie:sid=",
    "mysql ",
    "mysql -p",
    "curl ",
    "curl -u a:",
    "sshpass -p",
    "bearer ",
    "x-api-key: ",
  ],
  ...[
    "eyJ",
    "eyJaaaaaaaa.",
    "-eyJaaaaaaaa.eyJaaaaaaaa.",
    "AIza",
    "?token=",
    "1234567890:AA",
    "MA.a.",
    "\u200b",
    "a\u00ad",
  ],
  ...[`${"AK"}IAABCDEFGHIJKLMNOP `, `${"AK"}IAABCDEFGHIJKLMNOP aB1${"a".repeat(37)} `],
];

describe("the scan of an outgoing text", () => {
  // A pattern that backtracks exponentially would not finish, however fast the machine.
  it("finishes on 64 KiB of anything that its patterns start with", () => {
    const folder = mkdtempSync(join(tmpdir(), "photon scan "));
    try {
      const script = join(folder, "child.ts");
      writeFileSync(
        script,
        `import { maskSecrets } from ${JSON.stringify(import.meta.resolve("./mask-secrets.ts"))};
         const key = "-----BEGIN " + "PRIVATE KEY-----";
         const repeated = ${JSON.stringify(REPEATED)};
         const texts = repeated.flatMap((unit) => {
           const text = unit.repeat(Math.ceil(65_536 / unit.length)).slice(0, 65_536);
           return [text, key + "\\n" + text, text + key];
         });
         for (const text of texts) await maskSecrets(text);
         console.log(texts.length);`,
      );
      const env = { PATH: process.env.PATH, PHOTON_HOME: join(folder, "home") };
      const { status, stdout, signal } = spawnSync(process.execPath, [script], {
        encoding: "utf8",
        env,
        timeout: 110_000,
      });
      expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: `${REPEATED.length * 3}\n` });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
