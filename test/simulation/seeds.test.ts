import { expect, it } from "vitest";
import { type Kind, scenarioOf } from "./scenario.ts";
import { simulate } from "./world.ts";

it.each((process.env.KINDS ?? "calm crowded restless long spent").split(" ").flatMap((kind) => (process.env.SEEDS ?? "1").split(" ").map((n, i) => [`seed ${n}`, kind as Kind, (["docs", "harsh", "beyond"] as const)[(i + kind.length) % 3] ?? "docs"] as const)))("%s %s %s", async (seed, kind, mode) => {
  const start = performance.now();
  const { problems, figures } = await simulate(scenarioOf(seed, kind, mode));
  console.info(kind, Math.round(performance.now() - start), JSON.stringify(figures));
  expect(problems.slice(0, 10)).toEqual([]);
});
