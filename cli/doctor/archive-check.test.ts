import { describe, expect, it } from "vitest";
import { checkOf } from "./archive-check.ts";

const NOW = Date.parse("2026-11-23T09:00:00.000Z");
const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

describe("the check of texts that are not in KV yet", () => {
  it("is ok while they are young", () => {
    expect(checkOf({ pending: 0 }, NOW)).toMatchObject({ state: "ok", found: "every text is copied to Workers KV" });
    expect(checkOf({ pending: 3, since: minutesAgo(5) }, NOW)).toMatchObject({
      state: "ok",
      found: expect.stringMatching(
        /^3 texts not copied to Workers KV yet, the oldest arrived 5 min ago; they are safe/,
      ),
    });
  });

  it("warns when KV refuses them, or after an hour", () => {
    expect(checkOf({ pending: 3, since: minutesAgo(5), retryAt: minutesAgo(-10) }, NOW)).toMatchObject({
      state: "warn",
      found: expect.stringMatching(
        /^3 texts not copied to Workers KV yet, the oldest arrived 5 min ago; the bridge retries at /,
      ),
    });
    expect(checkOf({ pending: 1_000, since: minutesAgo(61) }, NOW)).toMatchObject({
      state: "warn",
      found: expect.stringMatching(/^1000 or more texts not copied to Workers KV yet, the oldest arrived 1 h ago/),
    });
  });
});
