import { ClientVersion, VERSION_HEADER } from "../contract/api.ts";
import { MACHINE_KEY } from "../contract/roster.ts";
import type { Caller } from "./caller.ts";
import type { Env } from "./env.ts";
import type { KnownCallers } from "./known-callers.ts";
import { addressOf, isWithinRate, LIMIT_PERIOD_SECONDS } from "./rates.ts";
import { Refusal } from "./refusal.ts";
import type { RemoteRegistry } from "./registry/remote-registry.ts";
import { sha256 } from "./registry/web-crypto.ts";

const BEARER = /^Bearer +(.+)$/i;

/**
 * Finds out who asks.
 *
 * @param registry - null on a bridge without one, where only the shared key counts
 * @throws Refusal 503 when the Worker has no key to compare with: then nobody is let in. 401 when the request has none
 * or a wrong one, 429 when too many wrong ones came from its address. The right key is never limited.
 */
export async function authenticate(
  request: Request,
  env: Env,
  registry: RemoteRegistry | null,
  known: KnownCallers,
): Promise<Caller> {
  const expected = env.BRIDGE_API_KEY?.trim() ?? "";
  if (expected === "") {
    throw new Refusal(503, "not_configured", "The bridge has no key yet: set the secret BRIDGE_API_KEY.");
  }
  const given = BEARER.exec(request.headers.get("authorization") ?? "")?.[1]?.trim();
  // On the live bridge nothing is believed from before: whoever was taken out is out at once.
  const mayRemember = env.MAILROOM === undefined;
  if (given !== undefined && (await isSameKey(given, expected))) {
    if (registry === null) return { kind: "shared", joinedNames: [] };
    const { isLocked, joinedNames } = await known.policy(registry, mayRemember);
    if (!isLocked) return { kind: "shared", joinedNames };
    throw unauthorized("The shared key of this bridge is switched off: join with `photon join <line>`.");
  }
  if (registry !== null && given !== undefined && MACHINE_KEY.test(given)) {
    const version = ClientVersion.safeParse(request.headers.get(VERSION_HEADER)).data ?? null;
    const machine = await known.machine(registry, await sha256(given), version, mayRemember);
    if (machine !== null && machine !== "revoked") return { kind: "machine", ...machine };
    await countFailure(request, env, registry);
    throw unauthorized(
      machine === "revoked"
        ? "This machine was taken out of the bridge's list: it can join again by a new invitation."
        : "The key is of no machine that has joined this bridge.",
    );
  }
  await countFailure(request, env, registry);
  const problem = given === undefined ? "The request has no key" : "The key is not the one of this bridge";
  throw unauthorized(`${problem}: send \`Authorization: Bearer <key>\`.`);
}

function unauthorized(sentence: string): Refusal {
  return new Refusal(401, "unauthorized", sentence, { "www-authenticate": "Bearer" });
}

/** @throws Refusal 429 when too many came from the address; then nothing else is done. */
async function countFailure(request: Request, env: Env, registry: RemoteRegistry | null): Promise<void> {
  const address = addressOf(request);
  if (!(await isWithinRate(env.FAILED_KEYS, address ?? "unknown"))) {
    throw new Refusal(429, "rate_limited", "Too many requests with a wrong key came from this address.", {
      "retry-after": String(LIMIT_PERIOD_SECONDS),
    });
  }
  // Without the list the answer is the same.
  if (request.headers.has("authorization")) await registry?.failedKey(address).catch(() => undefined);
}

/** Compares digests, which have one length, in constant time: neither length nor content can be measured. */
async function isSameKey(given: string, expected: string): Promise<boolean> {
  const digest = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return crypto.subtle.timingSafeEqual(await digest(given), await digest(expected));
}
