import { describe, expect, it } from "vitest";
import type { Mode } from "./kv-double.ts";
import { simulate } from "./world.ts";

// PHOTON_SEEDS: how many for each mode. PHOTON_SEED, PHOTON_MODE: that run alone.
const { PHOTON_SEED, PHOTON_MODE, PHOTON_SEEDS } = process.env;
/** Ten in all. */
const RUNS: Record<Mode, number> = { docs: 4, harsh: 3, beyond: 3 };

function seedsOf(mode: Mode): string[] {
  if (PHOTON_SEED) return [PHOTON_SEED];
  return Array.from({ length: Number(PHOTON_SEEDS ?? RUNS[mode]) }, (_, i) => `seed ${i + 1}`);
}

/** The promise, on a KV of one mode. A test file for each, so that they run side by side. */
export function describeMode(mode: Mode): void {
  describe.skipIf((PHOTON_MODE ?? mode) !== mode)(`on a KV as in ${mode}`, () => {
    it.each(seedsOf(mode))(
      "every acknowledged message is shown exactly once on every machine it is for, in time and within budget: %s",
      async (seed) => {
        const ledger = await simulate({ seed, mode });
        const { problems, messages, longestDelayMs, used, checks, unchangedChecks, ended, shownApart } = ledger;
        const each = (count: number) => (count / messages).toFixed(2);
        console.info(
          `${mode}, ${seed}: ${messages} messages, longest delay ${Math.round(longestDelayMs / 1000)} s; each ` +
            `${each(used.writes)} writes, ${each(used.lists)} lists, ${each(used.reads)} reads; ` +
            `${ended} of them deleted; ${shownApart} times shown was told apart; ${unchangedChecks} of ${checks} checks unchanged`,
        );
        // What is promised was put to the test.
        expect([messages > 300, ended > 50, shownApart > 5]).toEqual([true, true, true]);
        expect(problems, `Replay: PHOTON_MODE=${mode} PHOTON_SEED="${seed}" npm run simulate`).toEqual([]);
      },
    );
  });
}
