import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { AT_MOST_ONE_LINE } from "./computer.ts";
import { World } from "./world.ts";

/** The maximum time of a call, so that the answer is too late. */
const SLOW_MS = 10_000;

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.end());

it("a bridge that takes 10 s to answer delays no hook, and a late request is stored once", async () => {
  const mac = world.computer("mac");
  const pc = world.computer("pc");
  const linux = world.computer("linux");
  const [first, second, other] = await Promise.all([mac, mac, linux].map((computer) => computer.openSession()));
  const reader = await pc.openSession();
  await other?.send("pc");
  const shown = (await reader.look()) ?? [];
  expect(shown).toHaveLength(1);

  // Alternately delays a request, so that it arrives after the client gave up, and an answer.
  let requests = 0;
  world.network.treat = () =>
    ++requests % 2 === 0 ? { before: () => sleep(SLOW_MS) } : { after: () => sleep(SLOW_MS) };
  const event = { hook_event_name: "SessionStart", session_id: "s-slow", source: "startup" };
  const [a, b, c, unread, isFinished, hook] = await Promise.all([
    first?.send("pc"),
    second?.send(null),
    other?.send("pc", 2_000),
    reader.look(),
    reader.finish(shown),
    pc.hook("session-start", event),
  ]);
  expect([a, b, c]).toEqual(["queued", "queued", "queued"]);
  expect(unread).toBeNull();
  expect(isFinished).toBe(true);
  expect(hook).toMatchObject({ code: 0, stderr: AT_MOST_ONE_LINE });
  expect(hook.stdout + hook.stderr).toMatch(/cannot be reached|was stopped/);

  world.network.heal();
  // The other session may still wait for its answer; this one does not wait as long.
  expect(["stored", "queued"]).toContain(await first?.send("pc"));
  await reader.readAll();
  await vi.waitFor(() => expect(world.network.underWay).toBe(0), { timeout: 3 * SLOW_MS });
  await world.settle();
  expect(world.ledger.acknowledgedCount).toBe(5);
});
