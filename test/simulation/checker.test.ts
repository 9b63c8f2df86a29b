import { expect, it } from "vitest";
import type { OpenStore } from "../../worker/app.ts";
import type { Mode } from "./kv-double.ts";
import { withOnePassFold, withoutSettleWindow, withWatermark } from "./weaker-stores.ts";
import { simulate } from "./world.ts";

// The simulation proves something only if it finds out a store that is not safe.

const WEAKER: [string, OpenStore, Mode, RegExp][] = [
  ["a watermark instead of receipts", withWatermark(), "docs", /was shown 0 times/],
  ["no settle window", withoutSettleWindow, "docs", /a message took \d+/],
  ["a fold in one pass", withOnePassFold, "harsh", /was unread on .* long after it was marked/],
];

it.each(WEAKER)("finds out %s", async (_, openStore, mode, problem) => {
  const { problems } = await simulate({ seed: "seed 1", mode, openStore });
  console.info(`${problems.length} problems, the first: ${problems[0]}`);
  expect(problems.join("\n")).toMatch(problem);
});
