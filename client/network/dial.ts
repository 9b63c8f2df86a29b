import dns, { type LookupAddress } from "node:dns";
import { connect, isIP, type Socket } from "node:net";
import { happens } from "./happens.ts";
import { NetworkFailure, networkFailure } from "./network-failure.ts";
import { hostOf, type NetworkProxy, portOf } from "./proxy.ts";
import { passThrough } from "./tunnel.ts";

/** The limit for connecting, with the TLS handshake and the proxy: seven round trips of a bad satellite link. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Pause before the next address of a name is tried too (RFC 8305 recommends this). */
const NEXT_ADDRESS_MS = 250;

export interface Way {
  readonly proxy: NetworkProxy | null;
  /** Whether the proxy passes bytes on; without it, it reads the request, which works only for http. */
  readonly isTunnel: boolean;
  /** Aborted when the connection is not needed any more. */
  readonly signal: AbortSignal;
}

/** Opens a connection that is ready for a request to this address. @throws NetworkFailure */
export async function dial(address: URL, way: Way): Promise<Socket> {
  const signal = AbortSignal.any([way.signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
  const tried = systemAuthorities; // another connection may load them meanwhile
  try {
    return await open(address, { ...way, signal }, tried);
  } catch (error) {
    // A company's own authority is often known to the system and not to Node.
    const isUnknown = error instanceof NetworkFailure && /^certificate_(?:unknown|self_signed)$/.test(error.kind);
    if (!isUnknown || tried !== undefined || !(await loadSystemAuthorities())) throw error;
    return await open(address, { ...way, signal }, systemAuthorities);
  }
}

/** Set once a certificate needed them: reading the system's store takes tens of milliseconds. */
let systemAuthorities: string[] | undefined;

/** @returns false if this version of Node cannot read the system's store */
async function loadSystemAuthorities(): Promise<boolean> {
  const { getCACertificates } = await import("node:tls");
  if (typeof getCACertificates !== "function") return false; // before Node 22.15
  systemAuthorities = [...getCACertificates("default"), ...getCACertificates("system")];
  return true;
}

async function open(address: URL, { proxy, isTunnel, signal }: Way, ca: string[] | undefined): Promise<Socket> {
  const isSecure = address.protocol === "https:";
  if (proxy === null) {
    const socket = await connectTo(address, signal);
    return isSecure ? secure(socket, address, ca, signal) : socket;
  }
  let socket = await toProxy(proxy, ca, signal);
  if (isTunnel || isSecure || proxy.url.protocol.startsWith("socks")) {
    socket = await passThrough(socket, address, proxy, signal);
  }
  return isSecure ? secure(socket, address, ca, signal) : socket;
}

async function toProxy({ url, label }: NetworkProxy, ca: string[] | undefined, signal: AbortSignal): Promise<Socket> {
  try {
    const socket = await connectTo(url, signal);
    return url.protocol === "https:" ? await secure(socket, url, ca, signal) : socket;
  } catch (error) {
    const { kind, message } = networkFailure(error);
    if (kind.startsWith("certificate")) throw error;
    const detail = `${label}; ${message.replace(/^its/, "the proxy's")}`;
    throw kind === "timeout"
      ? new NetworkFailure("proxy_timeout", { detail: label, cause: error })
      : new NetworkFailure("proxy_unreachable", { detail, cause: error });
  }
}

/**
 * Connects to the first address of a name that accepts (Happy Eyeballs, RFC 8305): a slow address keeps its chance while
 * others are tried. Node's own version gives each address 250 ms and then gives it up, too little for a distant bridge.
 */
async function connectTo(url: URL, signal: AbortSignal): Promise<Socket> {
  const addresses = await addressesOf(hostOf(url), signal);
  const port = portOf(url);
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const failures: NetworkFailure[] = [];
    let timer: NodeJS.Timeout | undefined;
    const end = (winner?: Socket) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      for (const socket of open) if (socket !== winner) socket.destroy();
      open.clear();
    };
    const fail = (failure: NetworkFailure) => {
      end();
      reject(failure);
    };
    const onAbort = () => fail(networkFailure(signal.reason));
    const tryNext = () => {
      clearTimeout(timer);
      const next = addresses.shift();
      if (next === undefined) return;
      const socket = connect({ host: next.address, port, noDelay: true });
      open.add(socket);
      socket.once("connect", () => {
        if (!open.has(socket)) return;
        end(socket);
        socket.removeAllListeners("error");
        resolve(socket);
      });
      socket.on("error", (error) => {
        if (!open.delete(socket)) return;
        failures.push(networkFailure(error));
        if (addresses.length > 0) tryNext();
        else if (open.size === 0) fail(tellingOf(failures));
      });
      if (addresses.length > 0) timer = setTimeout(tryNext, NEXT_ADDRESS_MS);
    };
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else tryNext();
  });
}

/** A machine without IPv6 has no route to an IPv6 address. That explains nothing if another address failed too. */
function tellingOf(failures: readonly NetworkFailure[]): NetworkFailure {
  return failures.find(({ kind }) => kind !== "unreachable") ?? failures[0] ?? new NetworkFailure("other");
}

/** The addresses of a name, IPv6 and IPv4 in turn, so that a broken family costs one pause. */
async function addressesOf(host: string, signal: AbortSignal): Promise<LookupAddress[]> {
  if (isIP(host) !== 0) return [{ address: host, family: isIP(host) }];
  const found = await new Promise<LookupAddress[]>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(networkFailure(signal.reason)), { once: true });
    dns.lookup(host, { all: true }, (error, all) => (error ? reject(networkFailure(error)) : resolve(all)));
  });
  const first = found.filter(({ family }) => family === found[0]?.family);
  const second = found.filter(({ family }) => family !== found[0]?.family);
  return first.flatMap((each, index) => [each, ...second.slice(index, index + 1)]).concat(second.slice(first.length));
}

async function secure(socket: Socket, url: URL, ca: string[] | undefined, signal: AbortSignal): Promise<Socket> {
  const tls = await import("node:tls");
  const host = hostOf(url);
  const name = isIP(host) === 0 ? { servername: host } : {};
  const secured = tls.connect({ socket, host, ...name, ALPNProtocols: ["http/1.1"], ...(ca && { ca }) });
  try {
    await happens(secured, "secureConnect", signal);
    return secured;
  } catch (error) {
    const failure = networkFailure(error);
    throw failure.kind === "cut" ? new NetworkFailure("cut_in_tls", { cause: error }) : failure;
  }
}
