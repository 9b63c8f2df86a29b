import type { Env } from "../env.ts";
import type { Claim } from "../object/calls.ts";
import { Refusal } from "../refusal.ts";

/** The period of every limit in wrangler.jsonc. */
export const LIMIT_PERIOD_SECONDS = 60;

/** The client's address; undefined where nobody says, as on a local bridge. */
export function addressOf(request: Request): string | undefined {
  return request.headers.get("cf-connecting-ip") ?? undefined;
}

/** Counts one. Without the binding, or when it fails, nothing is limited. */
export async function isWithinRate(limit: RateLimit | undefined, key: string): Promise<boolean> {
  try {
    return (await limit?.limit({ key }))?.success !== false;
  } catch {
    return true;
  }
}

/** @throws Refusal 429 when the key was used too often */
export async function limitRequests(env: Env, claim: Claim): Promise<void> {
  if (await isWithinRate(env.REQUESTS, claim.kind === "machine" ? claim.keyHash : claim.kind)) return;
  throw tooMany("Too many requests came with this key.");
}

/** @throws Refusal 429 when too many attempts to join came from the address */
export async function limitJoins(env: Env, request: Request): Promise<void> {
  if (await isWithinRate(env.JOINS, addressOf(request) ?? "unknown")) return;
  throw tooMany("Too many attempts to join came from this address.");
}

function tooMany(sentence: string): Refusal {
  return new Refusal(429, "rate_limited", sentence, { headers: { "retry-after": String(LIMIT_PERIOD_SECONDS) } });
}
