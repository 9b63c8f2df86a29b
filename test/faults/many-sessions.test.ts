import { afterAll, beforeAll, expect, it } from "vitest";
import { isSend } from "../support/faulty-network.ts";
import { AT_MOST_ONE_LINE } from "./computer.ts";
import { QUOTA_SPENT, World } from "./world.ts";

const SESSIONS = 8;

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.end());

it("8 sessions of one machine that start, send and deliver at once lose and duplicate nothing and keep their order", async () => {
  const mac = world.computer("mac");
  const pc = world.computer("pc");
  const starts = Array.from({ length: SESSIONS }, async (_, index) => {
    const hook = mac.hook("session-start", { hook_event_name: "SessionStart", session_id: `h-${index}` });
    const session = await mac.openSession();
    const first = await session.send("pc");
    return { session, first, hook: await hook };
  });
  const started = await Promise.all(starts);
  const sessions = started.map(({ session }) => session);
  expect(started.map(({ first }) => first)).toEqual(Array(SESSIONS).fill("stored"));
  expect(started.map(({ hook }) => hook)).toEqual(
    Array(SESSIONS).fill(expect.objectContaining({ code: 0, stderr: AT_MOST_ONE_LINE })),
  );

  const sendMany = () =>
    Promise.all(sessions.map(async (session) => [await session.send("pc"), await session.send(null, 1_500)]));
  expect((await sendMany()).flat()).toEqual(Array(2 * SESSIONS).fill("stored"));

  world.network.treat = () => QUOTA_SPENT;
  expect((await sendMany()).flat()).toEqual(Array(2 * SESSIONS).fill("queued"));

  let sends = 0;
  world.network.treat = (request) => {
    if (isSend(request)) sends++;
    return undefined;
  };
  await Promise.all([...sessions.map((session) => session.call("check_messages")), mac.flush(), mac.flush()]);
  expect(await mac.flush()).toBe(0);
  expect(sends).toBe(2 * SESSIONS);
  await pc.openSession().then((reader) => reader.readAll());
  await world.settle();
  expect(world.ledger.acknowledgedCount).toBe(5 * SESSIONS);
});
