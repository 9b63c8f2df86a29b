import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The share of the random cases that this run tries, above 0 and at most 1. */
    shareOfRandomCases: number;
  }
}

/** @param all - the number of random cases in `npm run slow`; `npm test` has time for a share of them */
export function randomRuns(all: number): number {
  return Math.ceil(all * inject("shareOfRandomCases"));
}
