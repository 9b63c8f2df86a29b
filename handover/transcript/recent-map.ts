/** The content of a {@link RecentMap} as plain data. */
export interface SavedMap<V> {
  readonly earlier: readonly (readonly [string, V])[];
  readonly recent: readonly (readonly [string, V])[];
  readonly forgotten: number;
}

/** A map that keeps at least its last `min` entries, and at most twice as many. Setting an entry again makes it the last. */
export class RecentMap<V> {
  readonly #min: number;
  #recent: Map<string, V>;
  #earlier: Map<string, V>;
  #forgotten: number;

  /** @param saved - continues with what another map with the same `min` has {@link saved} */
  constructor(min: number, saved?: SavedMap<V>) {
    this.#min = min;
    this.#recent = new Map(saved?.recent);
    this.#earlier = new Map(saved?.earlier);
    this.#forgotten = saved?.forgotten ?? 0;
  }

  /** How many entries were left out. One that was set again after that counts twice. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get(key: string): V | undefined {
    const value = this.#recent.get(key);
    return value === undefined ? this.#earlier.get(key) : value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#recent.set(key, value);
    if (this.#recent.size < this.#min) return;
    this.#forgotten += this.#earlier.size;
    this.#earlier = this.#recent;
    this.#recent = new Map();
  }

  delete(key: string): void {
    this.#recent.delete(key);
    this.#earlier.delete(key);
  }

  /** In the order in which they were last set. */
  entries(): [string, V][] {
    return [...this.#earlier, ...this.#recent];
  }

  values(): V[] {
    return [...this.#earlier.values(), ...this.#recent.values()];
  }

  saved(): SavedMap<V> {
    return { earlier: [...this.#earlier], recent: [...this.#recent], forgotten: this.#forgotten };
  }
}
