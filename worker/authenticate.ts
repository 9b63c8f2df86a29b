import type { Env } from "./env.ts";
import { Refusal } from "./refusal.ts";

/** The period of the FAILED_KEYS limit in wrangler.jsonc. */
const LIMIT_PERIOD_SECONDS = 60;

const BEARER = /^Bearer +(.+)$/i;

/**
 * Lets a request with the right key pass.
 *
 * @throws Refusal 503 when the Worker has no key to compare with: then nobody is let in. 401 when the request has none
 * or a wrong one, 429 when too many wrong ones came from its address. The right key is never limited.
 */
export async function authenticate(request: Request, env: Env): Promise<void> {
  const expected = env.BRIDGE_API_KEY?.trim() ?? "";
  if (expected === "") {
    throw new Refusal(503, "not_configured", "The bridge has no key yet: set the secret BRIDGE_API_KEY.");
  }
  const given = BEARER.exec(request.headers.get("authorization") ?? "")?.[1]?.trim();
  if (given !== undefined && (await isSameKey(given, expected))) return;

  if (await isLimited(request, env)) {
    throw new Refusal(429, "rate_limited", "Too many requests with a wrong key came from this address.", {
      "retry-after": String(LIMIT_PERIOD_SECONDS),
    });
  }
  const problem = given === undefined ? "The request has no key" : "The key is not the one of this bridge";
  throw new Refusal(401, "unauthorized", `${problem}: send \`Authorization: Bearer <key>\`.`, {
    "www-authenticate": "Bearer",
  });
}

/** Compares digests, which have one length, in constant time: neither length nor content can be measured. */
async function isSameKey(given: string, expected: string): Promise<boolean> {
  const digest = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return crypto.subtle.timingSafeEqual(await digest(given), await digest(expected));
}

/** Counts a failure. Without the binding, or when it fails, the answer is the plain 401: never a way in. */
async function isLimited(request: Request, env: Env): Promise<boolean> {
  const key = request.headers.get("cf-connecting-ip") ?? "unknown";
  try {
    return (await env.FAILED_KEYS?.limit({ key }))?.success === false;
  } catch {
    return false;
  }
}
