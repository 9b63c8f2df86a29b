import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { clockCheck, nodeCheck } from "./checks.ts";

describe("the check of Node", () => {
  const needed = manifest.engines.node.replace(">=", "");

  it.each([needed, "20.99.0", "22.0.0", "100.0.0"])("accepts %s", (version) => {
    expect(nodeCheck(version).state).toBe("ok");
  });

  it.each(["18.20.4", "19.99.99", "9.0.0", "20.18.0"])("fails on %s", (version) => {
    expect(nodeCheck(version)).toMatchObject({ state: "fail", found: expect.stringContaining(needed) });
  });
});

describe("the check of the clock", () => {
  it("accepts a clock that is up to a minute off, either way", () => {
    expect(clockCheck(60_000).state).toBe("ok");
    expect(clockCheck(-60_000).state).toBe("ok");
  });

  it("says which way this machine's clock is off", () => {
    expect(clockCheck(61_000)).toMatchObject({ state: "warn", found: expect.stringContaining("61 s behind") });
    expect(clockCheck(-90_000)).toMatchObject({ state: "warn", found: expect.stringContaining("90 s ahead of") });
  });
});
