import type { Env } from "../env.ts";
import type { Claim } from "../object/calls.ts";
import { Refusal } from "../refusal.ts";

/** The period of every limit in wrangler.jsonc. */
export const LIMIT_PERIOD_SECONDS = 60;

/** The client's IP address from Cloudflare; undefined on a local bridge, which removes the header. */
export function addressOf(request: Request): string | undefined {
  return request.headers.get("cf-connecting-ip") ?? undefined;
}

/**
 * The network that an address is counted under: the address itself or, for IPv6, its /64, which usually belongs to one
 * household or server.
 *
 * @returns `198.51.100.7`, `2001:db8:0:1::/64`, or `unknown`
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const embedded = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (embedded !== undefined || !address.includes(":")) return embedded ?? address;
  const [before = [], after = []] = address
    .toLowerCase()
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/** Counts a request. Nothing is limited if the binding is missing or fails. */
export async function isWithinRate(limit: RateLimit | undefined, key: string): Promise<boolean> {
  try {
    return (await limit?.limit({ key }))?.success !== false;
  } catch {
    return true;
  }
}

/** @throws Refusal 429 if the key was used too often */
export async function limitRequests(env: Env, claim: Claim): Promise<void> {
  if (await isWithinRate(env.REQUESTS, claim.kind === "machine" ? claim.keyHash : claim.kind)) return;
  throw tooMany("Too many requests with this key.");
}

/** @throws Refusal 429 if too many attempts to join came from the address */
export async function limitJoins(env: Env, request: Request): Promise<void> {
  if (await isWithinRate(env.JOINS, networkOf(addressOf(request)))) return;
  throw tooMany("Too many attempts to join from this address.");
}

function tooMany(sentence: string): Refusal {
  return new Refusal(429, "rate_limited", sentence, { headers: { "retry-after": String(LIMIT_PERIOD_SECONDS) } });
}
