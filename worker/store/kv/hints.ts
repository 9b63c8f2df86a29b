import * as z from "zod";
import { parseAddress } from "../../../contract/address.ts";
import { attempt } from "./attempt.ts";
import { logKeys } from "./log-keys.ts";

/** The hint that concerns every machine. */
export const HINT_FOR_ALL = "h:*";

/**
 * A hint that young stands for the next change too. With the minute that a list may be behind it stays under the settle
 * window, so that a reader who saw it still looks when the next change is listed.
 */
const SHARED_FOR_MS = 25_000;

/** A reader that finds its hint gone looks at the log once; nothing else depends on it. */
const HINT_TTL_SECONDS = 24 * 60 * 60;

/** The least that KV allows. */
const HINT_CACHE_SECONDS = 30;

/** No clock is that far ahead. Such a hint would have every check look at the log until that time has come. */
const MAX_AHEAD_MS = 60 * 60_000;

const Hint = z.object({ v: z.literal(1), t: z.int().min(0) });

/** The hint of one machine; names are compared without case. */
export function hintFor(machine: string): string {
  return `h:${machine.toLowerCase()}`;
}

/** The hint to change with a message to this address: its machine's, or everyone's. */
export function hintForAddress(to: string | null | undefined): string {
  const machine = parseAddress(to ?? "")?.machine ?? "*";
  return machine === "*" ? HINT_FOR_ALL : hintFor(machine);
}

/**
 * Keys that say when something last changed, so that a check which has nothing to tell reads two cached values instead
 * of listing the log. They overwrite each other, get lost and come late; a reader must not rely on one.
 */
export class Hints {
  readonly #kv: KVNamespace;
  readonly #now: () => number;

  constructor(kv: KVNamespace, now: () => number) {
    this.#kv = kv;
    this.#now = now;
  }

  /** The time in each of these hints, in milliseconds since 1970; 0 for one that is missing or corrupt. */
  async read(keys: readonly string[]): Promise<number[]> {
    const options = { type: "text", cacheTtl: HINT_CACHE_SECONDS } as const;
    const values = await attempt(() => this.#kv.get([...keys], options));
    const hints = keys.map((key) => this.#parse(values.get(key) ?? null));
    logKeys(
      "Not a hint",
      keys.filter((_, i) => hints[i] === undefined),
    );
    return hints.map((time) => time ?? 0);
  }

  /**
   * Says that something changed. Never fails: the change itself is stored by then, and a reader finds it at its next
   * reconcile without a hint. A write that KV refuses (one a second for each key) was made by somebody else just now.
   */
  async bump(key: string): Promise<void> {
    try {
      const [seen = 0] = await this.read([key]);
      const now = this.#now();
      if (Math.abs(now - seen) <= SHARED_FOR_MS) return;
      await this.#kv.put(key, JSON.stringify({ v: 1, t: now }), { expirationTtl: HINT_TTL_SECONDS });
    } catch {
      // as above
    }
  }

  /** @returns undefined for what is no hint */
  #parse(value: string | null): number | undefined {
    if (value === null) return 0;
    try {
      const { t } = Hint.parse(JSON.parse(value));
      return t > this.#now() + MAX_AHEAD_MS ? undefined : t;
    } catch {
      return undefined;
    }
  }
}
