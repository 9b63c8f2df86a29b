import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Authority, NO_OPENSSL } from "../../test/support/certificates.ts";
import { get, HOST, resolveTo, setProxy, testNetwork } from "../../test/support/test-network.ts";
import { TestProxy } from "../../test/support/test-proxy.ts";
import { HttpClient } from "./http-client.ts";

declare module "node:tls" {
  /** From Node 24.5; the types do not have it yet. */
  function setDefaultCACertificates(certificates: readonly string[]): void;
}

const { ends, seen, listening, portOf } = testNetwork();

describe.skipIf(NO_OPENSSL)("TLS", () => {
  let folder: string;
  let authority: Authority;
  let port: number;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "photon certificates "));
    authority = new Authority(folder, "authority");
    tls.setDefaultCACertificates([authority.own.cert]);
  });
  afterAll(() => {
    tls.setDefaultCACertificates(tls.getCACertificates("bundled"));
    rmSync(folder, { recursive: true, force: true });
  });
  const secure = async (pair: { key: string; cert: string }) => {
    resolveTo("127.0.0.1");
    port = await listening(createTlsServer({ key: pair.key, cert: pair.cert }));
  };

  it("reaches a bridge directly, and by its IP address", async () => {
    await secure(authority.issue(HOST));
    expect(await get(`https://${HOST}:${port}/health`)).toBe("hello");
    expect(seen).toEqual([`GET ${HOST}:${port}/health`]);
    await secure(authority.issue("127.0.0.1"));
    expect(await get(`https://127.0.0.1:${port}/health`)).toBe("hello");
  });

  it("goes through a proxy, which sees only the name of the bridge", async () => {
    await secure(authority.issue(HOST));
    const proxy = await TestProxy.to(port);
    ends.push(() => proxy.end());
    setProxy("HTTPS_PROXY", `http://${["me", "secret"].join(":")}@127.0.0.1:${proxy.port}`);
    expect(await get(`https://${HOST}/health`)).toBe("hello");
    expect(proxy.asked).toEqual([`CONNECT ${HOST}:443`]);
    expect(proxy.passwords).toEqual([`Basic ${Buffer.from("me:secret").toString("base64")}`]);
    expect(seen).toEqual([`GET ${HOST}/health`]);
  });

  it("goes through a proxy that speaks TLS itself", async () => {
    await secure(authority.issue(HOST));
    const proxy = await TestProxy.to(port, authority.issue("127.0.0.1"));
    ends.push(() => proxy.end());
    setProxy("HTTPS_PROXY", `https://127.0.0.1:${proxy.port}`);
    expect(await get(`https://${HOST}/health`)).toBe("hello");
    expect(proxy.asked).toEqual([`CONNECT ${HOST}:443`]);
  });

  it("uses one connection for requests that follow each other", async () => {
    resolveTo("127.0.0.1");
    const { key, cert } = authority.issue(HOST);
    const server = createTlsServer({ key, cert });
    let connections = 0;
    server.on("secureConnection", () => connections++);
    port = await listening(server);
    const client = new HttpClient();
    ends.push(() => client.close());
    for (let i = 0; i < 5; i++) {
      const url = new URL(`https://${HOST}:${port}/`);
      await client.request({ url, method: "GET", headers: {}, body: null, timeoutMs: 9_000, retries: 0 });
    }
    expect(seen).toHaveLength(5);
    expect(connections).toBeLessThanOrEqual(2); // the second request may start before the first socket is free again
  });

  it("says what is wrong with a certificate", async () => {
    await secure(authority.issue("another.test"));
    expect(await get(`https://${HOST}:${port}/`)).toContain("its certificate is for another name");
    await secure(authority.issue(HOST, ["-days", "-1"]));
    expect(await get(`https://${HOST}:${port}/`)).toContain("its certificate has expired or is not valid yet");
    await secure(new Authority(folder, "stranger").issue(HOST));
    expect(await get(`https://${HOST}:${port}/`)).toContain(
      "its certificate is not from an authority that Node trusts",
    );
    await secure(new Authority(folder, HOST).own);
    expect(await get(`https://${HOST}:${port}/`)).toContain("its certificate is self-signed");
    expect(seen).toEqual([]);
  });

  it("says that the server speaks no TLS, or closes the connection instead", async () => {
    resolveTo("127.0.0.1");
    const plain = await listening(createServer());
    expect(await get(`https://${HOST}:${plain}/`)).toContain("the TLS handshake failed");
    const cutting = await portOf(createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy())));
    expect(await get(`https://${HOST}:${cutting}/`)).toContain("the connection was closed during the TLS handshake");
    const silent = await portOf(createTcpServer((socket) => ends.push(() => socket.destroy())));
    expect(await get(`https://${HOST}:${silent}/`)).toContain("no answer came in time");
  });
});
