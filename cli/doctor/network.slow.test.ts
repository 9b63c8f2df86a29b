import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Authority, NO_OPENSSL } from "../../test/support/certificates.ts";
import { runCli } from "../../test/support/cli/built-cli.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";
import { TestProxy } from "../../test/support/test-proxy.ts";

const mac = photonOnMac();
const BRIDGE = "http://bridge.corp.test";

const Report = z.object({
  checks: z.array(z.object({ name: z.string(), state: z.string(), found: z.string(), advice: z.string().optional() })),
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function doctor(env: Record<string, string>) {
  // The network's settings are those of the process.
  const { stdout } = await runCli(mac.script, ["doctor", "--json"], {
    env: { ...mac.env, BRIDGE_WORKER_URL: BRIDGE, ...env },
  });
  const { checks } = Report.parse(JSON.parse(stdout));
  return (name: string) => checks.find((check) => check.name === name);
}

async function proxyTo(url: string): Promise<TestProxy> {
  const proxy = await TestProxy.to(Number(new URL(url).port));
  ends.push(() => proxy.end());
  return proxy;
}

describe("behind a proxy", () => {
  it("every request and the socket go through it, and the doctor says so", async () => {
    const proxy = await proxyTo(mac.bridge.url);
    const found = await doctor({ http_proxy: `http://${["me", "secret"].join(":")}@127.0.0.1:${proxy.port}` });
    expect(found("proxy")).toMatchObject({ state: "ok", found: `127.0.0.1:${proxy.port}, from http_proxy` });
    expect(found("bridge")).toMatchObject({ state: "ok", found: expect.stringContaining("answers in") });
    expect(found("socket")).toMatchObject({ state: "ok" });
    expect(proxy.asked).toEqual(expect.arrayContaining([`GET ${BRIDGE}/health`, "CONNECT bridge.corp.test:80"]));
    expect(new Set(proxy.passwords)).toEqual(new Set([`Basic ${Buffer.from("me:secret").toString("base64")}`]));
  });

  it("the doctor names a proxy that refuses, and what to do", async () => {
    const proxy = await proxyTo(mac.bridge.url);
    proxy.refuses = 407;
    const found = await doctor({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}` });
    expect(found("bridge")).toMatchObject({
      state: "fail",
      found: expect.stringMatching(
        /the proxy wants another user name or password \(127\.0\.0\.1:\d+, from HTTP_PROXY, status 407\)/,
      ),
      advice: expect.stringContaining("http://name:password@"),
    });
    proxy.refuses = 403;
    expect((await doctor({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}` }))("bridge")).toMatchObject({
      found: expect.stringMatching(
        /something else answered .*a web page, through the proxy .* from HTTP_PROXY, status 403/,
      ),
      advice: expect.stringContaining("sign-in"),
    });
    expect((await doctor({ HTTP_PROXY: "http://" }))("bridge")).toMatchObject({
      found: expect.stringContaining("the address of the proxy cannot be used (HTTP_PROXY)"),
      advice: expect.stringContaining("correct the variable"),
    });
  });
});

describe.skipIf(NO_OPENSSL)("a bridge whose certificate is from a company's own authority", () => {
  let folder: string;
  let authority: Authority;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "photon company "));
    authority = new Authority(folder, "company");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The bridge behind TLS. */
  async function secured(): Promise<string> {
    const { key, cert } = authority.issue("127.0.0.1");
    const server = createServer({ key, cert }, (socket) => {
      const bridge = connect(Number(new URL(mac.bridge.url).port), "127.0.0.1");
      socket.pipe(bridge).pipe(socket);
      for (const [end, other] of [
        [socket, bridge],
        [bridge, socket],
      ] as const) {
        end.on("error", () => other.destroy()).on("close", () => other.destroy());
      }
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    ends.push(() => server.close());
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each([
    ["the system's store", "SSL_CERT_FILE"],
    ["NODE_EXTRA_CA_CERTS", "NODE_EXTRA_CA_CERTS"],
  ])("is reached, also by the socket, if the authority is in %s", async (_, variable) => {
    const found = await doctor({ BRIDGE_WORKER_URL: await secured(), [variable]: authority.own.file });
    expect(found("bridge")).toMatchObject({ state: "ok" });
    expect(found("socket")).toMatchObject({ state: "ok" });
  });

  it("is not trusted otherwise, and the doctor says what to do", async () => {
    const found = await doctor({ BRIDGE_WORKER_URL: await secured() });
    expect(found("bridge")).toMatchObject({
      state: "fail",
      found: expect.stringContaining("its certificate is not from an authority that Node trusts"),
      advice: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
  });
});
