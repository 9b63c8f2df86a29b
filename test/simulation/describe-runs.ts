import { describe, expect, it } from "vitest";
import type { Mode } from "./kv/staleness.ts";
import { type Kind, scenarioOf } from "./scenario.ts";
import { type Outcome, simulate } from "./world.ts";

// PHOTON_RUN="seed 3/restless/beyond" runs only that one. PHOTON_SEEDS=20 runs 20 seeds of every kind and mode.
const { PHOTON_RUN, PHOTON_SEEDS } = process.env;

type Run = readonly [seed: string, kind: Kind, mode: Mode];

/** Tests the promise in some runs. The runs are split over test files, so that the files can run in parallel. */
export function describeRuns(runs: readonly Run[]): void {
  const wanted = runs.flatMap(([seed, kind, mode]): Run[] =>
    PHOTON_SEEDS
      ? Array.from({ length: Number(PHOTON_SEEDS) }, (_, i) => [`seed ${i + 1}`, kind, mode])
      : [[seed, kind, mode]],
  );
  const chosen = PHOTON_RUN ? runOf(PHOTON_RUN, runs) : wanted;
  describe.skipIf(chosen.length === 0)("every acknowledged message", () => {
    it.each(chosen)(
      "always has its text everywhere, is shown once, stays read, and is finally in KV: %s/%s/%s",
      async (seed, kind, mode) => {
        const { problems, figures } = await simulate(scenarioOf(seed, kind, mode));
        console.info(`${seed}/${kind}/${mode}: ${JSON.stringify(figures)}`);
        // Makes sure that the run really tested the promise, in the runs that were chosen for it.
        if (PHOTON_RUN === undefined && PHOTON_SEEDS === undefined) expectSubstance(figures);
        expect(problems, `Replay: PHOTON_RUN="${seed}/${kind}/${mode}" npm run simulate`).toEqual([]);
      },
    );
  });
}

function expectSubstance(figures: Outcome["figures"]): void {
  const { messages = 0, ended = 0, comparedFromKv = 0, unavailable = 0, lost = 0 } = figures;
  const isEnough = [messages > 150, ended > 5, comparedFromKv > 1_000, unavailable > 0, lost > 50];
  expect(isEnough).toEqual(Array(5).fill(true));
}

/** The run to replay, in the file for its kind. */
function runOf(text: string, runs: readonly Run[]): readonly Run[] {
  const [seed = "", kind, mode] = text.split("/");
  const [known] = runs.filter((run) => run[1] === kind);
  return known ? [[seed, known[1], runs.find((run) => run[2] === mode)?.[2] ?? known[2]]] : [];
}
