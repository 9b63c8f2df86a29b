import { beforeEach, expect, it } from "vitest";
import { isMark, isSend, type Treatment } from "../support/faulty-network.ts";
import { World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
  return () => world.end();
});

it.each<[string, Treatment]>([
  ["the connection is cut after the bridge has stored it", { answer: "cut" }],
  ["a proxy says 502 after the bridge has stored it", { answer: { status: 502, body: "<h1>Bad gateway</h1>" } }],
])("a message is stored once and shown once when %s", async (_, lost) => {
  const mac = world.computer("mac");
  const pc = world.computer("pc");
  const sender = await mac.openSession();
  expect(await sender.send("pc")).toBe("stored");

  // Lost once, the request is repeated at once; lost every time, the message stays queued on this disk.
  let left = 1;
  world.network.treat = (request) => (isSend(request) && left-- > 0 ? lost : undefined);
  expect(await sender.send("pc")).toBe("stored");
  world.network.treat = (request) => (isSend(request) ? lost : undefined);
  expect(await sender.send("pc")).toBe("queued");
  expect(await sender.send(null, 3_000)).toBe("queued");
  world.network.heal();
  expect(await sender.send("pc")).toBe("stored");

  // The same for a reader's receipts.
  const reader = await pc.openSession();
  world.network.treat = (request) => (isMark(request) ? lost : undefined);
  expect(await reader.readAll(3)).toBe(5);
  expect(world.network.disturbed).toBeGreaterThan(5);
  await world.settle();
  expect(world.ledger.acknowledgedCount).toBe(5);
});
