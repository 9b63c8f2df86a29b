import { expect, it } from "vitest";
import type { OpenStore } from "../../worker/app.ts";
import type { Mode } from "./kv-double.ts";
import {
  withDeletesOfWhatIsSeen,
  withOnePassFold,
  withoutSettleWindow,
  withReceiptsForLists,
  withReplacedComingBack,
  withWatermark,
} from "./weaker-stores.ts";
import { simulate } from "./world.ts";

// The simulation proves something only if it finds out a store that is not safe.

const HOUR_MS = 60 * 60_000;

/** With how long it has to run: some mistakes are seldom seen. */
const WEAKER: [string, OpenStore, Mode, RegExp, number, lostShare?: number][] = [
  ["a watermark instead of receipts", withWatermark(), "docs", /was shown 0 times/, HOUR_MS],
  ["no settle window", withoutSettleWindow, "docs", /a message took \d+/, 4 * HOUR_MS],
  ["deletes only of what the list shows", withDeletesOfWhatIsSeen, "harsh", /though it was deleted/, 2 * HOUR_MS],
  ["replaced messages that come back", withReplacedComingBack, "docs", /though it was deleted/, 2 * HOUR_MS],
  ["receipts for what was only listed", withReceiptsForLists, "docs", /too early/, HOUR_MS],
  // It takes a second copy that comes after the receipt: a send that was repeated when it had been read already.
  ["a fold in one pass", withOnePassFold, "harsh", /unread on/, 2 * HOUR_MS, 0.3],
];

/** What goes wrong is rare: it may take more than one run. */
const MAX_RUNS = 12;

it.each(WEAKER)("finds out %s", async (_, openStore, mode, problem, busyMs, lostShare = 0.05) => {
  for (let run = 1; run <= MAX_RUNS; run++) {
    const scenario = { seed: `seed ${run}`, mode, busyMs, lostShare };
    const found = async (store?: { openStore: OpenStore }) =>
      (await simulate({ ...scenario, ...store })).problems.filter((text) => problem.test(text));
    const problems = await found({ openStore });
    console.info(`run ${run}: ${problems.length} problems, the first: ${problems[0]}`);
    if (problems.length === 0) continue;
    expect(await found(), "the Worker's own store, in the same run").toEqual([]);
    return;
  }
  expect.fail("It was not found out.");
});

it("goes the same way again with the same seed, so that a failure can be replayed", async () => {
  const run = async () => {
    const ledger = await simulate({ seed: "again", mode: "harsh", busyMs: HOUR_MS });
    const { messages, longestDelayMs, used, ended, checks, unchangedChecks } = ledger;
    return { messages, longestDelayMs, used, ended, checks, unchangedChecks };
  };
  const first = await run();
  expect(await run()).toEqual(first);
  expect(first.ended).toBeGreaterThan(0);
});
