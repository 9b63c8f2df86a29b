import { createHash } from "node:crypto";

/**
 * Deterministic chance: the same seed and name always give the same number, independent of other calls. So a run can be
 * replayed, and a variant of the code under test meets the same network even if it makes other calls.
 */
export class Chance {
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** A number in [0, 1) for this name. */
  of(...name: readonly (string | number)[]): number {
    const digest = createHash("sha1")
      .update([this.#seed, ...name].join("\0"))
      .digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  }

  /** A sequence of numbers in [0, 1) for this name. */
  sequence(name: string): () => number {
    let count = 0;
    return () => this.of(name, count++);
  }
}
