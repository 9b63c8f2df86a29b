import { afterAll, beforeAll, expect, it } from "vitest";
import type { FakeAnswer } from "../support/faulty-network.ts";
import { AT_MOST_ONE_LINE, type Computer } from "./computer.ts";
import { World } from "./world.ts";

let world: World;
let mac: Computer;
let pc: Computer;
beforeAll(async () => {
  world = await World.make();
  mac = world.computer("mac");
  pc = world.computer("pc");
});
afterAll(() => world.end());

/** As our Worker answers. */
const said = (status: number, code: string, headers: Record<string, string>): FakeAnswer => {
  const body = JSON.stringify({ error: "Not now.", code });
  return { status, headers: { "content-type": "application/json", ...headers }, body };
};
/** As a proxy in front of it answers. */
const page = (status: number, headers: Record<string, string> = {}): FakeAnswer => {
  return { status, headers: { "content-type": "text/html", ...headers }, body: "<h1>Not now</h1>" };
};

it.each<[string, FakeAnswer]>([
  ["429", page(429)],
  ["429 and Retry-After: 1", page(429, { "retry-after": "1" })],
  ["429 and Retry-After: 3600", said(429, "rate_limited", { "retry-after": "3600" })],
  ["500", page(500)],
  ["500 and Retry-After: 60", said(500, "internal", { "retry-after": "60" })],
  ["503", page(503)],
  ["503 and a date in Retry-After", said(503, "store_unavailable", { "retry-after": "Sat, 01 Jan 2050 00:00:00 GMT" })],
])("messages stay queued while the bridge answers %s, and all arrive once afterwards", async (_, answer) => {
  const sender = await mac.openSession();
  const reader = await pc.openSession();
  expect(await sender.send("pc")).toBe("stored");
  const shown = (await reader.look()) ?? [];
  expect(shown).toHaveLength(1);

  world.network.treat = () => ({ instead: answer });
  expect(await sender.send("pc")).toBe("queued");
  expect(await sender.send(null)).toBe("queued");
  expect(await reader.look()).toBeNull();
  expect(await reader.finish(shown)).toBe(true);
  const hook = await pc.hook("session-start", { hook_event_name: "SessionStart", session_id: reader.name });
  expect(hook).toMatchObject({ code: 0, stderr: AT_MOST_ONE_LINE });

  world.network.heal();
  // Explicit requests are tried in spite of any pause that the bridge asked for.
  expect(await sender.send("pc")).toBe("stored");
  expect(await reader.readAll()).toBe(3);
  await world.settle();
});

it("failed answers of every kind lose and duplicate nothing", async () => {
  const answers = [
    page(500),
    page(503),
    "cut",
    page(429),
    said(503, "store_unavailable", { "retry-after": "5" }),
  ] as const;
  let requests = 0;
  // Two of three fail, alternately before and after the bridge has handled the request.
  world.network.treat = () => {
    const answer = answers[++requests % answers.length] ?? "cut";
    return [undefined, { instead: answer }, { answer }][requests % 3];
  };
  const before = world.ledger.acknowledgedCount;
  const sessions = [await mac.openSession(), await pc.openSession(), await mac.openSession()];
  await Promise.all(
    sessions.map(async (session) => {
      for (const to of ["pc", null, "mac", null]) await session.send(to);
    }),
  );
  expect(world.ledger.acknowledgedCount).toBe(before + 12);
  await world.settle();
});
