import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Chance } from "./chance.ts";

/**
 * Makes the client library draw its ids and delays from a seed, so that a run can be replayed. For one run at a time.
 *
 * @returns a function that ends it
 */
export function seedRandomness(chance: Chance): () => void {
  const { randomUUID } = crypto;
  const { random } = Math;
  const next = chance.sequence("ids");
  const hex = (digits: number) =>
    Math.floor(next() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  crypto.randomUUID = () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  Math.random = chance.sequence("delays");
  syncBuiltinESMExports();
  return () => {
    crypto.randomUUID = randomUUID;
    Math.random = random;
    syncBuiltinESMExports();
  };
}
