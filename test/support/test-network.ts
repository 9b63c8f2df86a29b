import dns from "node:dns";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, vi } from "vitest";
import { HttpClient } from "../../client/network/http-client.ts";

/** A name that only {@link resolveTo} knows. */
export const HOST = "bridge.test";

const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

/** Servers on 127.0.0.1 that end after each test, together with what the test changed about names and proxies. */
export function testNetwork() {
  const ends: (() => unknown)[] = [];
  const seen: string[] = [];

  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    for (const end of ends.splice(0)) await end();
    seen.length = 0;
  });

  const portOf = async (server: Server | ReturnType<typeof createTcpServer>): Promise<number> => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    ends.push(() => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  };

  return {
    /** What to end after the test. */
    ends,
    /** The requests that the bridge got: their paths, and the host that they name. */
    seen,
    portOf,
    /** Starts a server as the bridge, which answers `hello`. @returns its port */
    listening(server: Server): Promise<number> {
      server.on("request", (asked, answer) => {
        seen.push(`${asked.method} ${asked.headers.host}${asked.url}`);
        answer.end("hello");
      });
      return portOf(server);
    },
  };
}

/** Only this variable names a proxy. */
export function setProxy(name: string, value: string): void {
  for (const each of VARIABLES) vi.stubEnv(each, undefined);
  vi.stubEnv(name, value);
}

/** Every name has these addresses; without addresses, no name is found. */
export function resolveTo(...addresses: string[]): void {
  answerLookups((callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    ),
  );
}

/** No name can be resolved, for this reason. */
export function failToResolve(code: string): void {
  answerLookups((callback) => callback(Object.assign(new Error(code), { code }), []));
}

export type LookupCallback = (error: Error | null, addresses: dns.LookupAddress[]) => void;

function answerLookups(answer: (callback: LookupCallback) => void): void {
  const lookup = (_: string, __: unknown, callback: LookupCallback) => answer(callback);
  vi.spyOn(dns, "lookup").mockImplementation(lookup as typeof dns.lookup);
}

/** The body of the answer, or why there was none. */
export async function get(address: string, { timeoutMs = 9_000, retries = 0 } = {}): Promise<string> {
  const client = new HttpClient();
  try {
    const request = { url: new URL(address), method: "GET", headers: {}, body: null, timeoutMs, retries };
    const { status, body } = await client.request(request);
    return status === 200 ? body.toString() : `status ${status}`;
  } catch (error) {
    return String(error);
  } finally {
    await client.close();
  }
}
