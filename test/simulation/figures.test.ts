import { expect, it } from "vitest";
import { scenarioOf } from "./scenario.ts";
import { simulate } from "./world.ts";

it("where nothing fails a message costs KV one write, one delete when it is deleted, and the object few alarms and rows", async () => {
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
