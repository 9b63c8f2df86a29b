import { expect, it } from "vitest";
import { judgeVectors } from "./judge-vectors.ts";

/** Runs the same vectors on every platform: machines would diverge over an entry that only some of them accept. */
export function describeStrictCrypto(): void {
  it.each(judgeVectors())("is judged equally on all platforms: $name", ({ isAsExpected }) => {
    expect(isAsExpected).toBe(true);
  });
}
