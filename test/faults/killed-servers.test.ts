import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { isMark, isSend, type SeenRequest } from "../support/faulty-network.ts";
import type { Computer } from "./computer.ts";
import { killAt, MOMENTS_MS, type Point } from "./killing.ts";
import { QUOTA_SPENT, World } from "./world.ts";

let world: World;
let mac: Computer;
let pc: Computer;
beforeEach(async () => {
  world = await World.make();
  mac = world.computer("mac");
  pc = world.computer("pc");
  return () => world.end();
});

const isList = ({ method, path }: SeenRequest) => method === "GET" && path === "/messages";

describe("a server killed", () => {
  it.each<Point>(["before", "after"])(
    "%s the bridge has stored its message loses and duplicates nothing",
    async (point) => {
      for (const n of [1, 2, 3]) {
        const session = await mac.openSession();
        killAt(world, point, isSend, n, () => session.kill());
        await session.sendUntilKilled("pc");
      }
      expect(world.network.disturbed).toBe(3);
      await world.settle();
    },
  );

  it.each<[Point, string, (request: SeenRequest) => boolean]>([
    ["after", "the bridge has listed unread messages", isList],
    ["before", "the bridge gets the read receipt", isMark],
    ["after", "the bridge has stored the read receipt", isMark],
  ])("%s %s shows again only messages that were not marked read", async (point, _, isMeant) => {
    const sender = await mac.openSession();
    for (let sends = 0; sends < 9; sends++) await sender.send(sends % 2 === 0 ? "pc" : null);
    for (const n of [1, 2]) {
      const session = await pc.openSession();
      killAt(world, point, isMeant, n, () => session.kill());
      await session.readUntilKilled();
      world.network.heal();
      await world.checkReceipts(pc);
    }
    expect(world.network.disturbed).toBe(2);
    await world.settle();
  });

  it("at any moment while it reads has sent no receipt for a text that nobody got", async () => {
    const sender = await mac.openSession();
    for (let sends = 0; sends < 9; sends++) await sender.send("pc");
    for (const moment of MOMENTS_MS) {
      const session = await pc.openSession();
      await Promise.all([session.readUntilKilled(), sleep(moment).then(() => session.kill())]);
    }
    await world.checkReceipts(pc);
    await world.settle();
  });

  it("at any moment while it queues messages has queued all that it acknowledged", async () => {
    world.network.treat = () => QUOTA_SPENT;
    for (const moment of MOMENTS_MS) {
      const session = await mac.openSession();
      expect(await session.send("pc")).toBe("queued");
      await Promise.all([session.sendUntilKilled("pc"), sleep(moment).then(() => session.kill())]);
    }
    await world.settle();
  });
});

it("a read that is interrupted before its answer leaves no receipt", async () => {
  const sender = await mac.openSession();
  await sender.send("pc");
  const reader = await pc.openSession();
  await reader.lookInVain((interrupt) => {
    world.network.treat = (request) => (isList(request) ? { after: interrupt } : undefined);
  });
  world.network.heal();
  expect(await reader.send("mac")).toBe("stored"); // by then it has finished the interrupted call
  await world.checkReceipts(pc);
  await world.settle();
});
