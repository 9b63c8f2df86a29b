import { expect, it } from "vitest";
import { scenarioOf } from "./scenario.ts";
import { simulate } from "./world.ts";

it.each([["seed 1", "calm", "docs"], ["seed 1", "crowded", "harsh"], ["seed 1", "restless", "beyond"], ["seed 1", "long", "harsh"]] as const)("%s %s %s", async (seed, kind, mode) => {
  const start = performance.now();
  const { problems, figures } = await simulate(scenarioOf(seed, kind, mode));
  console.info(kind, Math.round(performance.now() - start), JSON.stringify(figures));
  expect(problems.slice(0, 10)).toEqual([]);
});
