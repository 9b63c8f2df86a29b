import { describe, expect, it } from "vitest";
import { checkOf } from "./archive-check.ts";

const NOW = Date.parse("2026-11-23T09:00:00.000Z");
const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

describe("texts that are not in KV yet", () => {
  it("are nothing to worry about while they are young", () => {
    expect(checkOf({ pending: 0 }, NOW)).toMatchObject({ state: "ok", found: "all" });
    expect(checkOf({ pending: 3, since: minutesAgo(5) }, NOW)).toMatchObject({
      state: "ok",
      found: "3 waiting to be copied, the oldest came 5 min ago. They are safe in the bridge meanwhile",
    });
  });

  it("are a warning when KV refuses them, or after an hour", () => {
    expect(checkOf({ pending: 3, since: minutesAgo(5), retryAt: minutesAgo(-10) }, NOW)).toMatchObject({
      state: "warn",
      found: expect.stringMatching(/^3 waiting to be copied, the oldest came 5 min ago; the bridge tries again /),
    });
    expect(checkOf({ pending: 1_000, since: minutesAgo(61) }, NOW)).toMatchObject({
      state: "warn",
      found: expect.stringMatching(/^1000 or more waiting to be copied, the oldest came 1 h ago/),
    });
  });
});
