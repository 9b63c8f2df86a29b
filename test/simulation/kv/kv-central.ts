import { countKvOperation } from "../invocation.ts";
import type { Quota } from "./faults.ts";
import { KvEdge, type KvOptions, type Version } from "./kv-edge.ts";

/** One write to a key per second. */
const WRITE_INTERVAL_MS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Workers KV as documented, in virtual time. It keeps every version of a key with its time and location of writing, and
 * each location sees its own stale versions. All randomness comes from the seed.
 */
export class KvCentral {
  readonly #versions = new Map<string, Version[]>();
  readonly #edges = new Map<string, KvEdge>();
  readonly #options: KvOptions;
  #writes = 0;
  #operations = 0;
  /** When the last write of a key was accepted. */
  readonly #takenAt = new Map<string, number>();
  /** When a write of a key was first acknowledged. */
  readonly #acknowledgedAt = new Map<string, number>();
  /** All operations since the beginning, as the quota counts them, and those refused because it was used up. */
  readonly used = { reads: 0, writes: 0, deletes: 0 };
  readonly refused = { reads: 0, writes: 0, deletes: 0 };
  #day = 0;
  #usedToday = { reads: 0, writes: 0, deletes: 0 };

  constructor(options: KvOptions) {
    this.#options = options;
  }

  /** KV as seen from one location. */
  edge(location: string): KvEdge {
    const known = this.#edges.get(location) ?? new KvEdge(this, location, this.#options);
    this.#edges.set(location, known);
    return known;
  }

  /** Counts an operation. @throws if its quota is used up, in an outage, or by chance */
  begin(operation: keyof Quota, times = 1): void {
    countKvOperation();
    const { chance, faults, time } = this.#options;
    const day = Math.floor(time.now() / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#usedToday = { reads: 0, writes: 0, deletes: 0 };
    }
    if (this.#isDown(operation)) throw new Error(`KV ${operation} failed: 500 Internal Server Error`);
    if (this.#usedToday[operation] + times > (faults.quota?.[operation] ?? Number.POSITIVE_INFINITY)) {
      this.refused[operation] += times;
      throw new Error(`KV ${operation} limit exceeded for the day.`);
    }
    this.#usedToday[operation] += times;
    this.used[operation] += times;
    if (chance.of("thrown", ++this.#operations) < faults.thrown)
      throw new Error(`KV ${operation} failed: 503 Service Unavailable`);
  }

  /**
   * Sets a key after a delay, even if the caller is gone by then.
   *
   * @throws as KV does; the key may have been set nevertheless
   */
  async write(key: string, version: Omit<Version, "number" | "writtenAt">): Promise<void> {
    const { chance, faults, time } = this.#options;
    const last = this.#takenAt.get(key);
    if (last !== undefined && time.now() - last < WRITE_INTERVAL_MS)
      throw new Error("KV PUT failed: 429 Too Many Requests");
    this.#takenAt.set(key, time.now());
    const name = ++this.#writes;
    const isSlow = chance.of("slow", name) < faults.slow;
    const takesMs = Math.ceil(chance.of("takes", name) * (isSlow ? faults.slowMs : faults.usualMs));
    const land = () => {
      const landed = { ...version, number: name, writtenAt: time.now() };
      this.#versions.set(key, [...(this.#versions.get(key) ?? []), landed]);
      this.edge(version.location).noteOwnWrite(key, landed);
    };
    if (takesMs === 0) land();
    else {
      time.after(Math.floor(takesMs * chance.of("lands", name)), async () => land());
      await time.sleep(takesMs);
    }
    if (chance.of("done but thrown", name) < faults.doneButThrown)
      throw new Error("KV failed: network connection lost");
    if (version.value !== null && !this.#acknowledgedAt.has(key)) this.#acknowledgedAt.set(key, time.now());
  }

  /** When a write of a key was first acknowledged, in milliseconds since 1970. */
  acknowledgedAt(key: string): number | undefined {
    return this.#acknowledgedAt.get(key);
  }

  /** Whether a location sees its own write of this version at once. */
  isOwnVisible(version: Version, location: string): boolean {
    const { chance, staleness } = this.#options;
    return version.location === location && chance.of("own", version.number) < staleness.ownWriteVisible;
  }

  /** The result of an uncached read in a location. */
  seenFrom(location: string, key: string): Version | null {
    const { chance, staleness, time } = this.#options;
    const horizon = time.now() - staleness.readLagMs * chance.of("read", key, location, time.now());
    const isVisible = (version: Version) => version.writtenAt <= horizon || this.isOwnVisible(version, location);
    return this.#alive(this.#versions.get(key)?.findLast(isVisible));
  }

  /** The true value of a key, which no reader can know. */
  origin(key: string): Version | null {
    return this.#alive(this.#versions.get(key)?.at(-1));
  }

  /** All keys that truly have a value. */
  keys(): string[] {
    return [...this.#versions.keys()].filter((key) => this.origin(key) !== null);
  }

  #alive(version: Version | undefined): Version | null {
    return version && version.value !== null && version.expiresAt > this.#options.time.now() ? version : null;
  }

  #isDown(operation: keyof Quota): boolean {
    const now = this.#options.time.now();
    const kind = operation === "reads" ? "reads" : "writes";
    return this.#options.faults.outages.some(
      ({ from, to, what }) => from <= now && now < to && (what === "all" || what === kind),
    );
  }
}
