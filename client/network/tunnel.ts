import { isIPv4, type Socket } from "node:net";
import { happens } from "./happens.ts";
import { NetworkFailure, networkFailure } from "./network-failure.ts";
import { hostOf, type NetworkProxy, portOf } from "./proxy.ts";

/** A proxy's answer to CONNECT has a few lines. */
const MAX_HEAD_BYTES = 16 * 1024;

const END_OF_HEAD = "\r\n\r\n";

/**
 * Asks a proxy to connect to an address and to pass on every byte from then on.
 *
 * @param socket - a connection to the proxy
 * @throws NetworkFailure that names the proxy
 */
export async function passThrough(
  socket: Socket,
  address: URL,
  proxy: NetworkProxy,
  signal: AbortSignal,
): Promise<Socket> {
  try {
    await (proxy.url.protocol.startsWith("socks") ? socks : connect)(socket, address, proxy, signal);
    return socket;
  } catch (error) {
    socket.destroy();
    const failure = networkFailure(error);
    if (failure.kind === "timeout") throw new NetworkFailure("proxy_timeout", { detail: proxy.label, cause: error });
    if (failure.kind === "cut") throw new NetworkFailure("proxy_failed", { detail: proxy.label, cause: error });
    throw failure;
  }
}

/** `CONNECT` of HTTP. */
async function connect(socket: Socket, address: URL, proxy: NetworkProxy, signal: AbortSignal): Promise<void> {
  const authority = `${address.hostname}:${portOf(address)}`;
  const headers = Object.entries({ host: authority, ...proxyAuthorization(proxy) });
  const lines = [`CONNECT ${authority} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.write(lines.join("\r\n") + END_OF_HEAD);
  let head = "";
  while (!head.includes(END_OF_HEAD) && head.length < MAX_HEAD_BYTES) {
    head += (await read(socket, undefined, signal)).toString("latin1");
  }
  const rest = head.slice(head.indexOf(END_OF_HEAD) + END_OF_HEAD.length);
  if (rest !== "") socket.unshift(Buffer.from(rest, "latin1"));
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
  if (status < 200 || status > 299) throw refusedByProxy(status, proxy);
}

/** What a proxy's own refusal means. */
export function refusedByProxy(status: number, { label }: NetworkProxy): NetworkFailure {
  const kind = status === 407 ? "proxy_password" : status >= 500 ? "proxy_failed" : "proxy_refused";
  return new NetworkFailure(kind, { status, detail: label });
}

/** The header with the user name and the password of the proxy's address, if it has them. */
export function proxyAuthorization({ url }: NetworkProxy): Readonly<Record<string, string>> {
  if (url.username === "" && url.password === "") return {};
  const { user, password } = credentialsOf(url);
  return { "proxy-authorization": `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

function credentialsOf({ username, password }: URL): { readonly user: string; readonly password: string } {
  return { user: decoded(username), password: decoded(password) };
}

/** A percent sign that was not encoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** SOCKS 5 (RFC 1928), with a password (RFC 1929) if the address has one. The proxy looks the name up. */
async function socks(socket: Socket, address: URL, { url, label }: NetworkProxy, signal: AbortSignal): Promise<void> {
  const { user, password } = credentialsOf(url);
  const hasPassword = user !== "" || password !== "";
  socket.write(Buffer.from(hasPassword ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await read(socket, 2, signal);
  if (version !== 5) throw new NetworkFailure("proxy_failed", { detail: label });
  if (method === 2 && hasPassword) {
    socket.write(Buffer.concat([Buffer.from([1]), withLength(user), withLength(password)]));
    const [, result] = await read(socket, 2, signal);
    if (result !== 0) throw new NetworkFailure("proxy_password", { detail: label });
  } else if (method !== 0) throw new NetworkFailure("proxy_password", { detail: label });

  const host = hostOf(address);
  const target = isIPv4(host) ? Buffer.from([1, ...host.split(".").map(Number)]) : [3, ...withLength(host)];
  socket.write(Buffer.from([5, 1, 0, ...target, portOf(address) >> 8, portOf(address) & 0xff]));
  const [, reply, , kind] = await read(socket, 4, signal);
  if (reply !== 0) throw new NetworkFailure(reply === 2 ? "proxy_refused" : "proxy_failed", { detail: label });
  const size = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(socket, 1, signal))[0] ?? 0);
  await read(socket, size + 2, signal); // the proxy's own address, which does not matter
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 255);
  return Buffer.from([bytes.length, ...bytes]);
}

/** @param size - of what is needed; by default whatever arrives next */
async function read(socket: Socket, size: number | undefined, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(size);
    if (bytes !== null) return bytes;
    await happens(socket, "readable", signal);
  }
}
