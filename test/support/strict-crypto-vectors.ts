import { expect, it } from "vitest";
import { judgeVectors } from "./judge-vectors.ts";

/** The same vectors on every platform: an entry that only some accept would divide the machines. */
export function describeStrictCrypto(): void {
  it.each(judgeVectors())("is judged alike on all platforms: $name", ({ isAsExpected }) => {
    expect(isAsExpected).toBe(true);
  });
}
