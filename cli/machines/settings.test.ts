import { describe, expect, it } from "vitest";
import { isReadableOnTheWay } from "./settings.ts";

describe("an address whose traffic can be read on the way", () => {
  it.each(["http://bridge.example", "http://192.168.1.5:8787", "http://localhost.example", "http://127.evil.example"])(
    "is %s",
    (address) => {
      expect(isReadableOnTheWay(address)).toBe(true);
    },
  );

  it.each([
    "https://bridge.example",
    "http://localhost:8787",
    "http://127.0.0.1:8787",
    "http://127.1.2.3",
    "http://[::1]:8787",
    "http://photon.localhost",
  ])("is not %s", (address) => {
    expect(isReadableOnTheWay(address)).toBe(false);
  });
});
