import { MACHINE_KEY } from "../../contract/machine-list.ts";
import type { Env } from "../env.ts";
import type { Claim } from "../object/calls.ts";
import { Refusal, unauthorized } from "../refusal.ts";
import { addressOf, isWithinRate, LIMIT_PERIOD_SECONDS, networkOf } from "./rate-limits.ts";

const BEARER = /^Bearer +(.+)$/i;

/**
 * What a request's key claims. The Worker compares the shared key here. The object looks up a machine's key, in the same
 * transaction as the work.
 *
 * @returns null if the key is missing, or is neither the shared key nor in the form of a machine's key
 * @throws Refusal 503 if the Worker has no shared key: it then lets nobody in
 */
export async function claimOf(request: Request, env: Env): Promise<Claim | null> {
  const expected = env.BRIDGE_API_KEY?.trim() ?? "";
  if (expected === "") {
    throw new Refusal(503, "not_configured", "The bridge has no key yet: set the secret BRIDGE_API_KEY.");
  }
  const given = BEARER.exec(request.headers.get("authorization") ?? "")?.[1]?.trim();
  if (given === undefined) return null;
  const [hash, expectedHash] = await Promise.all([sha256(given), sha256(expected)]);
  // Digests have a fixed length and are compared in constant time, so timing reveals neither length nor content.
  if (crypto.subtle.timingSafeEqual(hash, expectedHash)) return { kind: "shared" };
  return MACHINE_KEY.test(given) ? { kind: "machine", keyHash: hex(hash) } : null;
}

/** The refusal of a request for which {@link claimOf} is null. */
export function noValidKey(request: Request): Refusal {
  const problem = request.headers.has("authorization") ? "Wrong key for this bridge" : "The request has no key";
  return unauthorized(`${problem}: send \`Authorization: Bearer <key>\`.`);
}

/** Counts a wrong key. A valid key is never limited. @throws Refusal 429 if too many came from the address */
export async function countWrongKey(request: Request, env: Env): Promise<void> {
  if (await isWithinRate(env.FAILED_KEYS, networkOf(addressOf(request)))) return;
  throw new Refusal(429, "rate_limited", "Too many requests with a wrong key from this address.", {
    headers: { "retry-after": String(LIMIT_PERIOD_SECONDS) },
  });
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
