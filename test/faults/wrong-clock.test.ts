import { beforeEach, expect, it } from "vitest";
import { DAY_MS, wrongClock } from "./clock.ts";
import { AT_MOST_ONE_LINE } from "./computer.ts";
import { QUOTA_SPENT, World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
  return () => world.end();
});

it.each([
  ["ahead", DAY_MS],
  ["behind", -DAY_MS],
])(
  "a clock that is a day %s, even if it is corrected in between, loses, duplicates and reorders nothing",
  async (_, shift) => {
    const [mac, pc, linux] = ["mac", "pc", "linux"].map((name) => world.computer(name));
    if (!mac || !pc || !linux) throw new Error("no machines");
    const [setMac, setPc] = [wrongClock(mac), wrongClock(pc)];
    setMac(shift);
    setPc(-shift);
    const [sender, reader, right] = await Promise.all([mac, pc, linux].map((computer) => computer.openSession()));
    if (!sender || !reader || !right) throw new Error("no sessions");
    expect(await sender.send("pc")).toBe("stored");
    expect(await right.send("pc")).toBe("stored");
    expect(await reader.send(null)).toBe("stored");
    const shown = (await reader.look()) ?? [];
    expect(shown).toHaveLength(2);

    world.network.treat = () => QUOTA_SPENT;
    expect(await reader.finish(shown)).toBe(true);
    expect(await sender.send("pc")).toBe("queued");
    setMac(0);
    setPc(0);
    expect(await sender.send("pc")).toBe("queued");
    const later = await mac.openSession();
    expect(await later.send(null)).toBe("queued");
    setMac(shift);
    expect(await sender.send("pc")).toBe("queued");
    // Killed during a read, with a clock that is corrected afterwards.
    world.network.treat = ({ path }) => (path === "/messages" ? { before: () => later.kill() } : undefined);
    expect(await later.send(null)).toBe("died");
    setMac(-shift);
    world.network.heal();
    expect(await sender.send("pc")).toBe("stored");

    setPc(shift);
    await reader.readAll();
    const hook = await pc.hook("session-start", { hook_event_name: "SessionStart", session_id: "s-clock" });
    expect(hook).toMatchObject({ code: 0, stderr: AT_MOST_ONE_LINE });
    await world.settle();
    expect(world.ledger.acknowledgedCount).toBe(8);
  },
);
