import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { clockCheck, nodeCheck } from "./checks.ts";

describe("the check of Node", () => {
  const needed = manifest.engines.node.replace(">=", "");

  it.each([needed, "20.99.0", "22.0.0", "100.0.0"])("takes %s", (version) => {
    expect(nodeCheck(version).state).toBe("ok");
  });

  it.each(["18.20.4", "19.99.99", "9.0.0"])("fails on %s", (version) => {
    expect(nodeCheck(version)).toMatchObject({ state: "fail", found: expect.stringContaining(needed) });
  });
});

describe("the check of the clock", () => {
  it("lets a minute pass, either way", () => {
    expect(clockCheck(60_000).state).toBe("ok");
    expect(clockCheck(-60_000).state).toBe("ok");
  });

  it("says which way this machine's clock is off", () => {
    expect(clockCheck(61_000)).toMatchObject({ state: "warn", found: "this machine's is 61 s behind the bridge's" });
    expect(clockCheck(-90_000)).toMatchObject({ state: "warn", found: "this machine's is 90 s ahead of the bridge's" });
  });
});
