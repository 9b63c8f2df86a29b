import { expect, it } from "vitest";
import type { OpenStore } from "../../worker/app.ts";
import type { Mode } from "./kv-double.ts";
import { withOnePassFold, withoutSettleWindow, withWatermark } from "./weaker-stores.ts";
import { simulate } from "./world.ts";

// The simulation proves something only if it finds out a store that is not safe.

const WEAKER: [string, OpenStore, Mode, RegExp][] = [
  ["a watermark instead of receipts", withWatermark(), "docs", /was shown 0 times/],
  ["no settle window", withoutSettleWindow, "docs", /a message took \d+/],
  ["a fold in one pass", withOnePassFold, "harsh", /unread on/],
];

/** What goes wrong is rare: it may take more than one run. */
const MAX_RUNS = 4;

it.each(WEAKER)("finds out %s", async (_, openStore, mode, problem) => {
  const found: string[] = [];
  for (let run = 1; run <= MAX_RUNS && found.length === 0; run++) {
    const { problems } = await simulate({ seed: `seed ${run}`, mode, openStore });
    found.push(...problems.filter((text) => problem.test(text)));
    console.info(`run ${run}: ${found.length} problems, the first: ${found[0]}`);
  }
  expect(found).not.toEqual([]);
});
