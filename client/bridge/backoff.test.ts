import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCache } from "../disk/cache-file.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { numberField, recordOf } from "../disk/private-file.ts";
import { backOff, endBackoff, mayRetry } from "./backoff.ts";

const NOW = Date.parse("2026-11-23T09:00:00.000Z");

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon backoff "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Records a failure and returns the length of its pause in milliseconds. */
function pause(chance: number, retryAfterMs?: number): number {
  backOff(paths, "sending", retryAfterMs, NOW, () => chance);
  const sending = recordOf(readCache(paths).backoff)?.sending;
  return (numberField(sending, "notBefore") ?? 0) - NOW;
}

describe("the pause after a failure", () => {
  it("doubles up to five minutes, with random jitter of up to a half", () => {
    expect([pause(1), pause(1), pause(1)]).toEqual([2_000, 4_000, 8_000]);
    for (let failure = 4; failure < 30; failure++) pause(1);
    expect(pause(1)).toBe(300_000);
    expect(pause(0)).toBe(150_000);
  });

  it("is as long as the bridge asks, but at most ten minutes", () => {
    expect(pause(1, 60_000)).toBe(60_000);
    expect(pause(1, 24 * 60 * 60_000)).toBe(600_000);
  });

  it("applies to every process until it ends or a call succeeds", () => {
    expect(mayRetry(paths, "sending", NOW)).toBe(true);
    backOff(paths, "sending", undefined, NOW, () => 1);
    expect(mayRetry(paths, "sending", NOW + 1_999)).toBe(false);
    expect(mayRetry(paths, "sending", NOW + 2_000)).toBe(true);
    expect(mayRetry(paths, "sending", NOW)).toBe(false);
    endBackoff(paths, "sending");
    expect(mayRetry(paths, "sending", NOW)).toBe(true);
    expect(pause(1)).toBe(2_000);
  });

  it("in sending does not stop asking", () => {
    backOff(paths, "sending", undefined, NOW);
    expect(mayRetry(paths, "asking", NOW)).toBe(true);
  });

  it("does not become longer if the clock is set back by a day, and is lost with a damaged file", () => {
    backOff(paths, "asking", undefined, NOW);
    expect(mayRetry(paths, "asking", NOW - 24 * 60 * 60_000)).toBe(true);
    writeFileSync(paths.cache, '{"v":1,"backoff":{"asking":{"notBef');
    expect(mayRetry(paths, "asking", NOW)).toBe(true);
  });

  it("does not apply if the disk cannot be written", () => {
    mkdirSync(paths.cache); // where the file should be
    backOff(paths, "sending", undefined, NOW);
    expect(mayRetry(paths, "sending", NOW)).toBe(true);
  });
});
