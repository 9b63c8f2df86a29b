import type { KVNamespace } from "@cloudflare/workers-types";
import type { Chance } from "./chance.ts";

/** How stale this KV may be. Every time is in milliseconds of virtual time. */
export interface Staleness {
  /** Chance that a location sees its own write at once. */
  readonly ownWriteVisible: number;
  /** A key becomes visible in a list of another location after up to this long, each version on its own. */
  readonly listLagMs: number;
  /** A read that is not cached may be this old. */
  readonly readLagMs: number;
}

/** What Cloudflare documents, and two worlds that are worse. */
export const MODES = {
  docs: { ownWriteVisible: 0.95, listLagMs: 60_000, readLagMs: 0 },
  harsh: { ownWriteVisible: 0.5, listLagMs: 60_000, readLagMs: 5_000 },
  beyond: { ownWriteVisible: 0.5, listLagMs: 300_000, readLagMs: 5_000 },
} as const satisfies Record<string, Staleness>;
export type Mode = keyof typeof MODES;

/** Operations a day, as KV counts them; beyond one of them its operations throw. */
export interface Quota {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  readonly lists: number;
}

/** The free plan, per day. */
export const FREE_PLAN: Quota = { reads: 100_000, writes: 1_000, deletes: 1_000, lists: 1_000 };

/** Limits of the real service. */
const MAX_KEY_BYTES = 512;
const MAX_METADATA_BYTES = 1024;
const MAX_VALUE_BYTES = 25 * 1024 * 1024;
const MIN_TTL_SECONDS = 60;
const MAX_BULK_KEYS = 100;
const MAX_LIST_KEYS = 1000;
const DEFAULT_CACHE_TTL_SECONDS = 60;
const MIN_CACHE_TTL_SECONDS = 30;
/** One write to a key per second. */
const WRITE_INTERVAL_MS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

interface Version {
  readonly number: number;
  readonly writtenAt: number;
  readonly location: string;
  /** null: deleted. */
  readonly value: string | null;
  readonly metadata: unknown;
  readonly expiresAt: number;
}

interface Cached {
  readonly version: Version | null;
  readonly until: number;
}

export interface CentralOptions {
  readonly chance: Chance;
  readonly now: () => number;
  readonly staleness: Staleness;
  readonly quota?: Quota;
}

/**
 * Workers KV as documented, in virtual time: it keeps every version of a key with its time and place of writing, and each
 * location sees its own stale selection of them. Nothing waits and nothing is random beyond the seed.
 */
export class Central {
  readonly #versions = new Map<string, Version[]>();
  readonly #options: CentralOptions;
  /** Sorted keys, made anew after a new key came. */
  #sortedKeys: string[] | null = [];
  #count = 0;
  /** Everything since the beginning, as the quota counts it. */
  readonly used = { reads: 0, writes: 0, deletes: 0, lists: 0 };
  /** Calls of the binding, of which a Worker may make 50 for one request: a bulk read is one. */
  calls = 0;
  #quotaDay = 0;
  #usedToday = { reads: 0, writes: 0, deletes: 0, lists: 0 };

  constructor(options: CentralOptions) {
    this.#options = options;
  }

  /** KV as it looks from one of Cloudflare's places. Only what the Worker uses is there; anything else throws. */
  edge(location: string): KVNamespace {
    const view = new Edge(this, location);
    return new Proxy(view, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member === "function") return member.bind(target);
        throw new Error(`The KV double has no ${String(name)}.`);
      },
    }) as unknown as KVNamespace; // the overloads of the real type cannot be written by hand
  }

  now(): number {
    return this.#options.now();
  }

  count(operation: keyof Quota, times = 1): void {
    this.calls++;
    const day = Math.floor(this.now() / DAY_MS);
    if (day !== this.#quotaDay) {
      this.#quotaDay = day;
      this.#usedToday = { reads: 0, writes: 0, deletes: 0, lists: 0 };
    }
    const limit = this.#options.quota?.[operation] ?? Number.POSITIVE_INFINITY;
    if (this.#usedToday[operation] + times > limit) throw new Error(`KV ${operation} limit exceeded for the day.`);
    this.#usedToday[operation] += times;
    this.used[operation] += times;
  }

  write(key: string, location: string, value: string | null, metadata: unknown, expiresAt: number): Version {
    const versions = this.#versions.get(key);
    const last = versions?.at(-1);
    if (last && this.now() - last.writtenAt < WRITE_INTERVAL_MS) {
      throw new Error("KV PUT failed: 429 Too Many Requests");
    }
    const version = { number: this.#count++, writtenAt: this.now(), location, value, metadata, expiresAt };
    if (versions) versions.push(version);
    else {
      this.#versions.set(key, [version]);
      this.#sortedKeys = null;
    }
    return version;
  }

  /** Whether a location sees its own write of this version at once. */
  isOwnVisible(version: Version, location: string): boolean {
    const { chance, staleness } = this.#options;
    return version.location === location && chance.of("own", version.number) < staleness.ownWriteVisible;
  }

  /** The newest version a read from the origin gives, for a location and now. */
  origin(key: string, location: string): Version | null {
    const { chance, staleness } = this.#options;
    const horizon = this.now() - staleness.readLagMs * chance.of("read", key, location, this.now());
    return this.#alive(
      this.#newest(key, (version) => version.writtenAt <= horizon || this.isOwnVisible(version, location)),
    );
  }

  /** The version of a key that a list shows at a location now. */
  listed(key: string, location: string): Version | null {
    const { chance, staleness } = this.#options;
    return this.#alive(
      this.#newest(key, (version) => {
        const age = this.now() - version.writtenAt;
        if (age >= staleness.listLagMs || this.isOwnVisible(version, location)) return true;
        return age >= staleness.listLagMs * chance.of("list", version.number, location);
      }),
    );
  }

  /** The keys with this prefix that sort after a key, whether visible or not. */
  *keysFrom(prefix: string, after: string): Generator<string> {
    this.#sortedKeys ??= [...this.#versions.keys()].sort();
    const keys = this.#sortedKeys;
    for (let i = firstAfter(keys, after, prefix); keys[i]?.startsWith(prefix); i++) yield keys[i] ?? "";
  }

  #newest(key: string, isVisible: (version: Version) => boolean): Version | null {
    return this.#versions.get(key)?.findLast(isVisible) ?? null;
  }

  #alive(version: Version | null): Version | null {
    return version && version.value !== null && version.expiresAt > this.now() ? version : null;
  }
}

/** The index of the first key that sorts after one key and not before another. */
function firstAfter(sorted: readonly string[], after: string, from: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = sorted[middle] ?? "";
    if (key > after && key >= from) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** KV seen from one location: its cache, and reads, writes and lists through it. */
class Edge {
  readonly #central: Central;
  readonly #location: string;
  readonly #cache = new Map<string, Cached>();

  constructor(central: Central, location: string) {
    this.#central = central;
    this.#location = location;
  }

  async get(keys: string | string[], options?: string | { type?: string; cacheTtl?: number }) {
    const cacheTtl = (typeof options === "object" ? options.cacheTtl : undefined) ?? DEFAULT_CACHE_TTL_SECONDS;
    if (cacheTtl < MIN_CACHE_TTL_SECONDS)
      throw new Error(`Invalid cache_ttl of ${cacheTtl}: at least ${MIN_CACHE_TTL_SECONDS}.`);
    const type = typeof options === "object" ? options.type : options;
    const parse = (value: string | null) => (type === "json" && value !== null ? JSON.parse(value) : value);

    if (typeof keys === "string") {
      this.#central.count("reads");
      return parse(this.#read(keys, cacheTtl)?.value ?? null);
    }
    if (keys.length === 0 || keys.length > MAX_BULK_KEYS)
      throw new Error(`KV GET failed: 1 to ${MAX_BULK_KEYS} keys in a bulk read.`);
    this.#central.count("reads", keys.length);
    return new Map(keys.map((key) => [key, parse(this.#read(key, cacheTtl)?.value ?? null)]));
  }

  async put(key: string, value: string, options: { expirationTtl?: number; metadata?: unknown } = {}): Promise<void> {
    const { expirationTtl, metadata = null } = options;
    if (bytes(key) > MAX_KEY_BYTES || key === "" || key === "." || key === "..") throw new Error("KV: invalid key.");
    if (bytes(value) > MAX_VALUE_BYTES) throw new Error("KV: the value is too large.");
    if (bytes(JSON.stringify(metadata)) > MAX_METADATA_BYTES) throw new Error("KV: the metadata is too large.");
    if (expirationTtl !== undefined && expirationTtl < MIN_TTL_SECONDS) throw new Error("KV: the TTL is too short.");
    this.#central.count("writes");
    const expiresAt =
      expirationTtl === undefined ? Number.POSITIVE_INFINITY : this.#central.now() + expirationTtl * 1000;
    const copy: unknown = JSON.parse(JSON.stringify(metadata));
    this.#refresh(key, this.#central.write(key, this.#location, value, copy, expiresAt));
  }

  async delete(key: string): Promise<void> {
    this.#central.count("deletes");
    this.#refresh(key, this.#central.write(key, this.#location, null, null, Number.POSITIVE_INFINITY));
  }

  async list({
    prefix = "",
    limit = MAX_LIST_KEYS,
    cursor,
  }: {
    prefix?: string | null;
    limit?: number | null;
    cursor?: string | null;
  } = {}) {
    this.#central.count("lists");
    const size = Math.min(limit ?? MAX_LIST_KEYS, MAX_LIST_KEYS);
    const keys: { name: string; metadata?: unknown }[] = [];
    for (const name of this.#central.keysFrom(prefix ?? "", cursor ?? "")) {
      if (keys.length === size)
        return { keys, list_complete: false, cursor: keys.at(-1)?.name ?? "", cacheStatus: null };
      const version = this.#central.listed(name, this.#location);
      if (version) keys.push(version.metadata === null ? { name } : { name, metadata: version.metadata });
    }
    return { keys, list_complete: true, cacheStatus: null };
  }

  /** Look-ups are cached, also those that found nothing. */
  #read(key: string, cacheTtlSeconds: number): Version | null {
    const now = this.#central.now();
    const cached = this.#cache.get(key);
    if (cached && cached.until > now) return cached.version;
    const version = this.#central.origin(key, this.#location);
    this.#cache.set(key, { version, until: now + cacheTtlSeconds * 1000 });
    return version;
  }

  #refresh(key: string, version: Version): void {
    if (!this.#central.isOwnVisible(version, this.#location)) return;
    this.#cache.delete(key);
  }
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
