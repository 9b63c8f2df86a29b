import { describe, expect, it } from "vitest";
import { HARMLESS, SECRETS } from "../../test/support/secrets/corpus.ts";
import { maskSecrets } from "./mask-secrets.ts";

/** Contexts in which a secret may stand. */
const FRAMES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `before\n${text}\nafter`,
  (text) => `- ${text}\r\n- more`,
];

describe("in a made-up corpus", () => {
  it("every secret is found in every context, and no part of it is left", async () => {
    const left: string[] = [];
    for (const [text, secret] of SECRETS) {
      for (const frame of FRAMES) {
        const masked = await maskSecrets(frame(text));
        if (masked.findings.length === 0 || masked.text.includes(secret)) left.push(text);
      }
    }
    expect(left).toEqual([]);
    expect(SECRETS.length).toBeGreaterThanOrEqual(65);
  });

  it("no harmless text is masked", async () => {
    const alarms: string[] = [];
    for (const text of HARMLESS) {
      for (const frame of FRAMES) {
        const { findings } = await maskSecrets(frame(text));
        if (findings.length > 0) alarms.push(`${text} -> ${findings[0]?.what}`);
      }
    }
    expect([...new Set(alarms)]).toEqual([]);
    expect(HARMLESS.length).toBeGreaterThanOrEqual(58);
  });

  it("a masked text is not masked again", async () => {
    for (const [text] of SECRETS) {
      const once = await maskSecrets(text);
      expect(await maskSecrets(once.text)).toEqual({ text: once.text, findings: [] });
    }
  });
});
