import { describe, expect, it } from "vitest";
import { isLocalNetwork, isReadableOnTheWay } from "./settings.ts";

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

it.each([
  ["http://127.0.0.1:8787", true],
  ["http://[::1]:8787", true],
  ["http://192.168.1.20:8787", true],
  ["http://172.20.0.2", true],
  ["http://desk:8787", true],
  ["http://[fd00::2]:8787", true],
  ["https://photon.example.workers.dev", false],
  ["http://172.40.0.2", false],
  ["http://8.8.8.8", false],
])("says whether %s is on this computer or a private network: %s", (address, isLocal) => {
  expect(isLocalNetwork(address)).toBe(isLocal);
});
