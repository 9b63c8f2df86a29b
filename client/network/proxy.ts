import { BlockList, isIP } from "node:net";
import { NetworkFailure } from "./network-failure.ts";

/** A proxy that the environment names. */
export interface NetworkProxy {
  readonly url: URL;
  /** For people: `proxy.example:3128, from HTTPS_PROXY`. Without the user name and the password. */
  readonly label: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address, by the rules of curl: `http_proxy` or `https_proxy`, else `all_proxy`, each also in capitals,
 * unless `no_proxy` excludes the host. A connection to this computer itself never uses a proxy.
 *
 * @throws NetworkFailure `proxy_setting`
 */
export function proxyFor(address: URL, env: Env = process.env): NetworkProxy | null {
  if (isLoopback(address.hostname) || isExcluded(address, settingIn(env, "no_proxy")?.text ?? "")) return null;
  const value = settingIn(env, address.protocol.replace(":", "_proxy")) ?? settingIn(env, "all_proxy");
  if (value === undefined) return null;
  const url = URL.canParse(withScheme(value.text)) ? new URL(withScheme(value.text)) : null;
  if (url === null || url.hostname === "" || !PORTS.has(url.protocol))
    throw new NetworkFailure("proxy_setting", { detail: value.name });
  return { url, label: `${url.hostname}:${portOf(url)}, from ${value.name}` };
}

const PORTS: ReadonlyMap<string, number> = new Map([
  ["http:", 80],
  ["https:", 443],
  ["socks:", 1080],
  ["socks5:", 1080],
  ["socks5h:", 1080],
]);

export function portOf({ port, protocol }: URL): number {
  return port === "" ? (PORTS.get(protocol) ?? 0) : Number(port);
}

/** The name or address in a URL, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** The value of a variable in lower case, or else in capitals. An empty one counts as missing. */
function settingIn(env: Env, lower: string): { readonly name: string; readonly text: string } | undefined {
  for (const name of [lower, lower.toUpperCase()]) {
    const text = env[name]?.trim();
    if (text) return { name, text };
  }
  return undefined;
}

function withScheme(text: string): string {
  return text.includes("://") ? text : `http://${text}`;
}

/** Entries are names (with their subdomains), addresses, ranges like 10.0.0.0/8, or `*`. Names and addresses may have a port. */
function isExcluded(address: URL, list: string): boolean {
  const host = hostOf(address).toLowerCase().replace(/\.$/, "");
  const entries = list.toLowerCase().split(/[\s,]+/);
  return entries.some((entry) => {
    if (entry.includes("/")) return isInRange(host, entry);
    const isBareIPv6 = isIP(entry) === 6;
    const [, text = entry, port] = isBareIPv6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
    if (port !== undefined && Number(port) !== portOf(address)) return false;
    const name = text.replace(/^\*?\.+|\.$|[[\]]/g, "");
    return name === "*" || host === name || (name !== "" && isIP(host) === 0 && host.endsWith(`.${name}`));
  });
}

function isInRange(host: string, range: string): boolean {
  const [net = "", bits = ""] = range.split("/");
  const [version, size] = [isIP(net), /^\d+$/.test(bits) ? Number(bits) : Number.NaN];
  if (version === 0 || isIP(host) !== version || !(size <= (version === 4 ? 32 : 128))) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(net, size, family);
  return list.check(host, family);
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/i.test(hostname);
}
