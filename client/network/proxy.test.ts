import { describe, expect, it } from "vitest";
import { proxyFor } from "./proxy.ts";

const HTTPS = new URL("https://photon.example.workers.dev");
const HTTP = new URL("http://bridge.corp.test:8787");

describe("proxyFor", () => {
  it.each([
    [
      "https_proxy before HTTPS_PROXY",
      { https_proxy: "http://a:1", HTTPS_PROXY: "http://b:2" },
      "a:1, from https_proxy",
    ],
    ["HTTPS_PROXY", { HTTPS_PROXY: "http://b:2" }, "b:2, from HTTPS_PROXY"],
    ["an address without a scheme", { HTTPS_PROXY: "proxy.corp:3128" }, "proxy.corp:3128, from HTTPS_PROXY"],
    ["an address without a port", { HTTPS_PROXY: "http://proxy.corp" }, "proxy.corp:80, from HTTPS_PROXY"],
    ["a proxy that speaks TLS", { HTTPS_PROXY: "https://proxy.corp" }, "proxy.corp:443, from HTTPS_PROXY"],
    ["ALL_PROXY", { ALL_PROXY: "socks5h://proxy.corp" }, "proxy.corp:1080, from ALL_PROXY"],
    ["HTTPS_PROXY before all_proxy", { all_proxy: "http://a:1", HTTPS_PROXY: "http://b:2" }, "b:2, from HTTPS_PROXY"],
    ["HTTPS_PROXY if https_proxy is empty", { https_proxy: "", HTTPS_PROXY: "b:2" }, "b:2, from HTTPS_PROXY"],
    ["no password", { HTTPS_PROXY: "http://me:secret@b:2" }, "b:2, from HTTPS_PROXY"],
    ["an IPv6 address", { HTTPS_PROXY: "http://[fd00::1]:2" }, "[fd00::1]:2, from HTTPS_PROXY"],
  ])("names %s", (_, env: Record<string, string>, label) => {
    expect(proxyFor(HTTPS, env)?.label).toBe(label);
  });

  it("has one variable for each scheme", () => {
    expect(proxyFor(HTTP, { HTTPS_PROXY: "http://b:2" })).toBeNull();
    expect(proxyFor(HTTPS, { HTTP_PROXY: "http://b:2" })).toBeNull();
    expect(proxyFor(HTTP, { HTTP_PROXY: "http://b:2" })?.label).toBe("b:2, from HTTP_PROXY");
    expect(proxyFor(HTTP, {})).toBeNull();
  });

  it.each(["http://", "ftp://proxy.corp", "http://a b", "http://proxy.corp:99999"])("refuses %s", (value) => {
    expect(() => proxyFor(HTTPS, { HTTPS_PROXY: value })).toThrow(
      "the address of the proxy cannot be used (HTTPS_PROXY)",
    );
  });

  const goesDirectly = (address: string, noProxy: string) =>
    proxyFor(new URL(address), { ALL_PROXY: "http://a:1", NO_PROXY: noProxy }) === null;

  it.each([
    ["http://bridge.corp.test", "bridge.corp.test"],
    ["http://bridge.corp.test", "other, bridge.corp.test"],
    ["http://bridge.corp.test", "other bridge.corp.test"],
    ["http://bridge.corp.test", "corp.test"],
    ["http://bridge.corp.test", ".corp.test"],
    ["http://bridge.corp.test", "*.corp.test"],
    ["http://bridge.corp.test", "BRIDGE.Corp.Test."],
    ["http://bridge.corp.test", "*"],
    ["http://bridge.corp.test", "bridge.corp.test:80"],
    ["https://bridge.corp.test", "bridge.corp.test:443"],
    ["http://bridge.corp.test:8787", "corp.test:8787"],
    ["http://10.1.2.3:8787", "10.1.2.3"],
    ["http://10.1.2.3:8787", "10.1.2.3:8787"],
    ["http://10.1.2.3:8787", "10.0.0.0/8"],
    ["http://[fd00::1]:8787", "fd00::1"],
    ["http://[fd00::1]:8787", "[fd00::1]:8787"],
    ["http://[fd00::1]:8787", "fd00::/16"],
  ])("does not use a proxy for %s with NO_PROXY=%s", (address, noProxy) => {
    expect(goesDirectly(address, noProxy)).toBe(true);
  });

  it.each([
    ["http://bridge.corp.test", ""],
    ["http://bridge.corp.test", "test.corp, .other, ,"],
    ["http://bridge.corp.test", "idge.corp.test"],
    ["http://bridge.corp.test", "bridge.corp.test:8787"],
    ["http://bridge.corp.test:8787", "bridge.corp.test:80"],
    ["http://bridge.corp.test", "*.bridge.corp.test.org"],
    ["http://10.1.2.3", "2.3"],
    ["http://10.1.2.3", "11.0.0.0/8"],
    ["http://10.1.2.3", "10.0.0.0/99, 10.0.0.0/x, 10.0.0.0/, /8, fd00::/16"],
    ["http://[fd00::1]:8787", "[fd00::1]:80"],
  ])("uses the proxy for %s with NO_PROXY=%s", (address, noProxy) => {
    expect(goesDirectly(address, noProxy)).toBe(false);
  });

  it.each(["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]:8787", "http://a.localhost"])(
    "never uses a proxy for this computer itself: %s",
    (address) => expect(goesDirectly(address, "")).toBe(true),
  );
});
