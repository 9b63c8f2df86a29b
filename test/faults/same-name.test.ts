import { afterAll, beforeAll, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, wrongClock } from "./clock.ts";
import type { Computer } from "./computer.ts";
import { World } from "./world.ts";

const WARNING = 'nother computer is also named "mac"';

let world: World;
let first: Computer;
let second: Computer;
beforeAll(async () => {
  world = await World.make();
  first = world.computer("mac");
  second = world.computer("mac");
});
afterAll(() => world.end());

it("two machines with the same name can both send, and each message for them is shown once on one of them", async () => {
  const sessions = await Promise.all([first, second].map((computer) => computer.openSession()));
  const other = await world.computer("pc").openSession();
  for (const session of sessions) expect(await session.send("pc")).toBe("stored");
  for (let sends = 0; sends < 4; sends++) expect(await other.send("mac")).toBe("stored");
  for (const session of sessions) expect(await session.send("pc")).toBe("stored");
  for (const session of sessions) {
    const shown = (await session.look(2)) ?? [];
    expect(shown).toHaveLength(2);
    expect(await session.finish(shown)).toBe(true);
  }
  await world.settle();
});

it("doctor, status and, once a day, a session's start report the clash", async () => {
  for (const computer of [first, second]) {
    const setClock = wrongClock(computer);
    setClock(2 * HOUR_MS); // the cache of the machines has expired by then
    const session = await computer.openSession();
    await session.send("pc");
    for (const command of ["doctor", "status"]) {
      expect((await computer.photon([command])).stdout).toContain(WARNING);
    }
    expect(await computer.startTexts(session.name)).toContain(WARNING.replaceAll('"', '\\"'));
    expect(await computer.startTexts(session.name)).not.toContain("computer uses");
    setClock(2 * HOUR_MS + DAY_MS);
    expect(await computer.startTexts(session.name)).toContain(WARNING.replaceAll('"', '\\"'));
    setClock(0);
  }
  await world.settle();
});
