import { expect, it } from "vitest";
import { scenarioOf } from "./scenario.ts";
import { simulate } from "./world.ts";

it("without failures, a message costs one KV write, one KV delete if it is deleted, and few alarms and rows of the object", async () => {
  const { problems, figures } = await simulate(scenarioOf("figures", "flawless", "docs"));
  console.info(JSON.stringify(figures));
  expect(problems).toEqual([]);
  const { messages = 0, ended = 0, kvWrites = 0, kvDeletes = 0, alarms = 0, rowsWritten = 0, statements = 0 } = figures;
  const { requests = 0, unavailable } = figures;
  expect(unavailable).toBe(0);
  expect([kvWrites <= messages, kvWrites > messages - ended, kvDeletes <= messages]).toEqual([true, true, true]);
  expect(alarms / messages).toBeLessThan(3);
  expect(rowsWritten / messages).toBeLessThan(20);
  expect(statements / requests).toBeLessThan(20);
});
