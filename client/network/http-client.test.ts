import dns from "node:dns";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { BusyListener } from "../../test/support/busy-listener.ts";
import { SocksProxy } from "../../test/support/socks-proxy.ts";
import {
  failToResolve,
  get,
  HOST,
  type LookupCallback,
  resolveTo,
  setProxy,
  testNetwork,
} from "../../test/support/test-network.ts";
import { TestProxy } from "../../test/support/test-proxy.ts";

const { ends, seen, listening } = testNetwork();

describe("a proxy", () => {
  it("is given the whole address of plain http, with the user name and password", async () => {
    const proxy = await TestProxy.to(await listening(createServer()));
    ends.push(() => proxy.end());
    setProxy("http_proxy", `http://${["me", "p%40ss%3A"].join(":")}@127.0.0.1:${proxy.port}`);
    expect(await get(`http://${HOST}:8787/unread?reader=mac`)).toBe("hello");
    expect(proxy.asked).toEqual([`GET http://${HOST}:8787/unread?reader=mac`]);
    expect(proxy.passwords).toEqual([`Basic ${Buffer.from("me:p@ss:").toString("base64")}`]);
    expect(seen).toEqual([`GET ${HOST}:8787/unread?reader=mac`]);
  });

  it.each([
    [407, "NetworkFailure: the proxy wants another user name or password"],
    [403, "status 403"], // the proxy's own page, or the bridge's: the caller finds out
  ])("that answers plain http with %i is named", async (status, expected) => {
    const proxy = await TestProxy.to(1);
    ends.push(() => proxy.end());
    proxy.refuses = status;
    setProxy("HTTP_PROXY", `http://127.0.0.1:${proxy.port}`);
    expect(await get(`http://${HOST}/`)).toContain(expected);
  });

  it.each([
    ["cut", "the connection was closed before an answer came (through the proxy 127.0.0.1:"],
    ["hang", "no answer came in time (through the proxy 127.0.0.1:"],
  ] as const)("that does not answer plain http (%s) is named", async (refuses, expected) => {
    const proxy = await TestProxy.to(1);
    ends.push(() => proxy.end());
    proxy.refuses = refuses;
    setProxy("HTTP_PROXY", `http://127.0.0.1:${proxy.port}`);
    expect(await get(`http://${HOST}/`, { timeoutMs: 500 })).toContain(expected);
  });

  it.each([
    [407, "the proxy wants another user name or password (127.0.0.1:1234, from HTTPS_PROXY, status 407)"],
    [403, "the proxy refuses the connection (127.0.0.1:1234, from HTTPS_PROXY, status 403)"],
    [502, "the proxy cannot connect to it (127.0.0.1:1234, from HTTPS_PROXY, status 502)"],
    ["cut", "the proxy cannot connect to it (127.0.0.1:1234, from HTTPS_PROXY)"],
    ["hang", "the proxy does not answer in time (127.0.0.1:1234, from HTTPS_PROXY)"],
  ] as const)("that answers https with %s is named", async (refuses, expected) => {
    const proxy = await TestProxy.to(1);
    ends.push(() => proxy.end());
    proxy.refuses = refuses;
    setProxy("HTTPS_PROXY", `http://127.0.0.1:${proxy.port}`);
    expect((await get(`https://${HOST}/`)).replace(String(proxy.port), "1234")).toBe(`NetworkFailure: ${expected}`);
  });

  it("that is not there is named", async () => {
    setProxy("ALL_PROXY", "http://127.0.0.1:1");
    const refused =
      "the proxy cannot be reached (127.0.0.1:1, from ALL_PROXY; nothing accepts connections at the proxy's port)";
    expect(await get(`https://${HOST}/`)).toContain(
      "the proxy cannot be reached (127.0.0.1:1, from ALL_PROXY; nothing",
    );
    expect(await get(`http://${HOST}/`)).toContain(refused.slice(0, 40));
    failToResolve("ENOTFOUND");
    setProxy("ALL_PROXY", "http://proxy.corp:3128");
    expect(await get(`http://${HOST}/`)).toContain("(proxy.corp:3128, from ALL_PROXY; the proxy's name is not found)");
  });

  it("of SOCKS 5 is used, with its user name and password", async () => {
    const port = await listening(createServer());
    const open = await SocksProxy.to(port);
    const closed = await SocksProxy.to(port, "me:secret");
    const refusing = await SocksProxy.to(port, null, 2);
    ends.push(() => Promise.all([open.end(), closed.end(), refusing.end()]));
    setProxy("ALL_PROXY", `socks5h://127.0.0.1:${open.port}`);
    expect(await get(`http://${HOST}:8787/`)).toBe("hello");
    expect(open.asked).toEqual([`${HOST}:8787`]);
    setProxy("ALL_PROXY", `socks5://${["me", "secret"].join(":")}@127.0.0.1:${closed.port}`);
    expect(await get(`http://${HOST}/`)).toBe("hello");
    expect(closed.asked).toEqual(["me:secret", `${HOST}:80`]);
    setProxy("ALL_PROXY", `socks5://${["me", "wrong"].join(":")}@127.0.0.1:${closed.port}`);
    expect(await get(`http://${HOST}/`)).toContain("the proxy wants another user name or password");
    setProxy("ALL_PROXY", `socks5://127.0.0.1:${closed.port}`);
    expect(await get(`http://${HOST}/`)).toContain("the proxy wants another user name or password");
    setProxy("ALL_PROXY", `socks5://127.0.0.1:${refusing.port}`);
    expect(await get(`http://${HOST}/`)).toContain("the proxy refuses the connection");
  });

  it("is not used for what NO_PROXY names", async () => {
    const port = await listening(createServer());
    resolveTo("127.0.0.1");
    setProxy("HTTP_PROXY", "http://127.0.0.1:1");
    vi.stubEnv("NO_PROXY", `${HOST}:${port}`);
    expect(await get(`http://${HOST}:${port}/`)).toBe("hello");
  });
});

describe("the addresses of a name", () => {
  it("are tried in turn until one accepts", async () => {
    const port = await listening(createServer());
    resolveTo("127.0.0.2", "127.0.0.3", "127.0.0.1");
    expect(await get(`http://${HOST}:${port}/`)).toBe("hello");
    resolveTo("127.0.0.2", "127.0.0.3");
    expect(await get(`http://${HOST}:${port}/`)).toContain("nothing accepts connections at its port");
  });

  it("keep their chance if they are slow, although the next ones fail", async () => {
    const busy = await BusyListener.start();
    ends.push(() => busy.end());
    resolveTo("127.0.0.1", "127.0.0.2");
    const answer = get(`http://${HOST}:${busy.port}/`);
    setTimeout(() => busy.free(), 500);
    expect(await answer).toBe("hello from afar");
  });

  it("do not have to wait for one that never answers", async () => {
    const busy = await BusyListener.start();
    ends.push(() => busy.end());
    const server = createServer((_, answer) => answer.end("hello"));
    await once(server.listen(busy.port, "127.0.0.2"), "listening");
    ends.push(() => server.close());
    resolveTo("127.0.0.1", "127.0.0.2");
    expect(await get(`http://${HOST}:${busy.port}/`)).toBe("hello");
    resolveTo("127.0.0.1");
    expect(await get(`http://${HOST}:${busy.port}/`)).toContain("no answer came in time");
  });

  it.each([
    ["ENOTFOUND", "its name is not found"],
    ["EAI_AGAIN", "its name cannot be looked up at the moment"],
  ])("are missing: %s", async (code, why) => {
    failToResolve(code);
    expect(await get(`http://${HOST}/`)).toBe(`NetworkFailure: ${why}`);
  });

  it("are looked up again after a passing failure of the name server", async () => {
    const port = await listening(createServer());
    resolveTo("127.0.0.1");
    vi.mocked(dns.lookup).mockImplementationOnce(((_: string, __: unknown, callback: LookupCallback) => {
      callback(Object.assign(new Error("again"), { code: "EAI_AGAIN" }), []);
    }) as typeof dns.lookup);
    expect(await get(`http://${HOST}:${port}/`, { retries: 1 })).toBe("hello");
  });
});
