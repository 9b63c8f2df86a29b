/** A map that keeps at least its last `min` entries, and at most twice as many. Setting an entry again makes it the last. */
export class RecentMap<V> {
  readonly #min: number;
  #recent = new Map<string, V>();
  #earlier = new Map<string, V>();

  constructor(min: number) {
    this.#min = min;
  }

  get(key: string): V | undefined {
    const value = this.#recent.get(key);
    return value === undefined ? this.#earlier.get(key) : value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#recent.set(key, value);
    if (this.#recent.size < this.#min) return;
    this.#earlier = this.#recent;
    this.#recent = new Map();
  }

  delete(key: string): void {
    this.#recent.delete(key);
    this.#earlier.delete(key);
  }

  /** In the order in which they were last set. */
  values(): V[] {
    return [...this.#earlier.values(), ...this.#recent.values()];
  }
}
