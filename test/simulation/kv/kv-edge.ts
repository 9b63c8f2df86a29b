import type { KVNamespace } from "@cloudflare/workers-types";
import type { Chance } from "../chance.ts";
import { currentInvocation } from "../invocation.ts";
import type { Faults } from "./faults.ts";
import type { Staleness } from "./staleness.ts";

/** One version of a key. */
export interface Version {
  readonly number: number;
  readonly writtenAt: number;
  readonly location: string;
  /** null if it was deleted. */
  readonly value: string | Uint8Array | null;
  readonly metadata: unknown;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The parts of virtual time that KV needs. */
export interface Time {
  readonly now: () => number;
  after(delayMs: number, run: () => Promise<void>): void;
  sleep(ms: number): Promise<void>;
}

export interface KvOptions {
  readonly chance: Chance;
  readonly time: Time;
  readonly staleness: Staleness;
  readonly faults: Faults;
}

/** The store behind all edges, as an edge uses it. */
interface Central {
  begin(kind: "reads" | "writes" | "deletes", keys?: number): void;
  write(key: string, version: Omit<Version, "number" | "writtenAt">): Promise<void>;
  isOwnVisible(version: Version, location: string): boolean;
  seenFrom(location: string, key: string): Version | null;
}

/** Limits of the real service. */
const MAX_KEY_BYTES = 512;
const MAX_METADATA_BYTES = 1024;
const MAX_VALUE_BYTES = 25 * 1024 * 1024;
const MIN_TTL_SECONDS = 60;
const MAX_BULK_KEYS = 100;
const DEFAULT_CACHE_TTL_SECONDS = 60;
const MIN_CACHE_TTL_SECONDS = 30;

/** A read takes up to this long, in milliseconds. */
const READ_MS = 80;

interface Cached {
  readonly version: Version | null;
  readonly until: number;
}

interface ReadOptions {
  readonly type?: string;
  readonly cacheTtl?: number;
}

/** KV seen from one location: reads and writes through its cache. */
export class KvEdge {
  readonly #central: Central;
  readonly #location: string;
  readonly #options: KvOptions;
  readonly #chance: Chance;
  readonly #cache = new Map<string, Cached>();
  #reads = 0;

  constructor(central: Central, location: string, options: KvOptions) {
    this.#central = central;
    this.#location = location;
    this.#options = options;
    this.#chance = options.chance;
  }

  /** The Worker's binding. It has only what the Worker uses; anything else, even a list, throws. */
  binding(): KVNamespace {
    const members: Readonly<Record<string, unknown>> = {
      get: this.get.bind(this),
      put: this.put.bind(this),
      delete: this.delete.bind(this),
    };
    return new Proxy(members, {
      get(target, name) {
        if (typeof name === "string" && name in target) return target[name];
        throw new Error(`The KV double has no ${String(name)}.`);
      },
    }) as unknown as KVNamespace; // the overloads of the real type cannot be written by hand
  }

  async get(keys: string | string[], options: string | ReadOptions = {}): Promise<unknown> {
    const { type = "text", cacheTtl = DEFAULT_CACHE_TTL_SECONDS } =
      typeof options === "string" ? { type: options } : options;
    if (cacheTtl < MIN_CACHE_TTL_SECONDS)
      throw new Error(`Invalid cache_ttl of ${cacheTtl}: at least ${MIN_CACHE_TTL_SECONDS}.`);
    const asked = typeof keys === "string" ? [keys] : keys;
    if (asked.length === 0 || asked.length > MAX_BULK_KEYS)
      throw new Error(`KV GET failed: 1 to ${MAX_BULK_KEYS} keys in a bulk read.`);
    if (typeof keys !== "string" && type !== "text" && type !== "json")
      throw new Error(`KV GET failed: "${type}" is not a type for a bulk read.`);
    const takesMs = Math.ceil(READ_MS * this.#chance.of("read takes", this.#location, ++this.#reads));
    await this.#options.time.sleep(takesMs);
    try {
      this.#central.begin("reads", asked.length);
    } catch (error) {
      const invocation = currentInvocation();
      if (invocation) invocation.failedReads++;
      throw error;
    }
    const found = new Map(asked.map((key) => [key, as(type, this.#read(key, cacheTtl)?.value ?? null)]));
    return typeof keys === "string" ? found.get(keys) : found;
  }

  async put(
    key: string,
    value: string | Uint8Array | ArrayBuffer,
    { expirationTtl, metadata = null }: { expirationTtl?: number; metadata?: unknown } = {},
  ): Promise<void> {
    if (bytes(key) > MAX_KEY_BYTES || key === "" || key === "." || key === "..") throw new Error("KV: invalid key.");
    if (bytes(value) > MAX_VALUE_BYTES) throw new Error("KV: the value is too large.");
    if (bytes(JSON.stringify(metadata)) > MAX_METADATA_BYTES) throw new Error("KV: the metadata is too large.");
    if (expirationTtl !== undefined && !(Number.isInteger(expirationTtl) && expirationTtl >= MIN_TTL_SECONDS))
      throw new Error(`KV: the TTL is not a whole number of at least ${MIN_TTL_SECONDS} seconds.`);
    this.#central.begin("writes");
    await this.#central.write(key, {
      location: this.#location,
      value: typeof value === "string" ? value : new Uint8Array(value),
      metadata: JSON.parse(JSON.stringify(metadata)),
      expiresAt:
        expirationTtl === undefined ? Number.POSITIVE_INFINITY : this.#options.time.now() + expirationTtl * 1000,
    });
  }

  async delete(key: string): Promise<void> {
    this.#central.begin("deletes");
    const location = this.#location;
    await this.#central.write(key, { location, value: null, metadata: null, expiresAt: Number.POSITIVE_INFINITY });
  }

  /** A location usually sees its own write at once, whatever it has cached. */
  noteOwnWrite(key: string, version: Version): void {
    if (this.#central.isOwnVisible(version, this.#location)) this.#cache.delete(key);
  }

  /** Caches reads, including those that found nothing. */
  #read(key: string, cacheTtlSeconds: number): Version | null {
    const now = this.#options.time.now();
    const cached = this.#cache.get(key);
    if (cached && cached.until > now) return cached.version;
    const version = this.#central.seenFrom(this.#location, key);
    const cacheMs = version === null ? this.#missingCacheMs(key, cacheTtlSeconds * 1000) : cacheTtlSeconds * 1000;
    this.#cache.set(key, { version, until: now + cacheMs });
    return version;
  }

  #missingCacheMs(key: string, leastMs: number): number {
    const { staleness, time } = this.#options;
    const more = Math.max(0, staleness.missingCachedMs - leastMs);
    return leastMs + more * this.#chance.of("missing", this.#location, key, time.now());
  }
}

function as(type: string, value: string | Uint8Array | null): unknown {
  if (value === null) return null;
  const text = () => (typeof value === "string" ? value : new TextDecoder().decode(value));
  if (type === "text") return text();
  if (type === "json") return JSON.parse(text());
  if (type === "arrayBuffer") return new Uint8Array(typeof value === "string" ? Buffer.from(value) : value).buffer;
  throw new Error(`The KV double has no type ${type}.`);
}

function bytes(value: string | Uint8Array | ArrayBuffer): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
}
