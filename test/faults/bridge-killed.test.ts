import { beforeEach, describe, expect, it } from "vitest";
import { isSend, type Treatment } from "../support/faulty-network.ts";
import { World } from "./world.ts";

describe("a bridge", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.make();
    return () => world.end();
  });

  it.each<[string, (kill: () => Promise<void>) => Treatment]>([
    ["before it has seen a message", (kill) => ({ before: kill })],
    ["while it stores a message", (kill) => ({ before: () => void kill() })],
    ["after it has stored a message without answering", (kill) => ({ after: kill })],
  ])("that is killed %s and restarted has every acknowledged message once", async (_, killing) => {
    const mac = world.computer("mac");
    const pc = world.computer("pc");
    // No proxy in between: its connection is refused, not cut.
    const linux = world.computer("linux", { isBehindNetwork: false });
    const senders = await Promise.all([mac, mac, linux].map((computer) => computer.openSession()));
    const reader = await pc.openSession();
    await senders[0]?.send("pc");
    const shown = (await reader.look()) ?? [];
    expect(shown).toHaveLength(1);

    let sends = 0;
    let killed: Promise<void> | null = null;
    world.network.treat = (request) => {
      const isTheOne = isSend(request) && ++sends === 4;
      return isTheOne ? killing(() => (killed = world.bridge.kill())) : undefined;
    };
    const outcomes = await Promise.all(
      senders.map(async (session, index) => [
        await session.send(null),
        await session.send("pc", 2_000),
        await session.send(index === 0 ? "linux" : null),
        await session.send("pc"),
      ]),
    );
    expect(killed).not.toBeNull();
    expect(outcomes.flat()).toContain("queued");
    // Messages shown before are marked read now, and the bridge is told later.
    expect(await reader.look()).toBeNull();
    expect(await reader.finish(shown)).toBe(true);

    await world.bridge.start();
    world.network.heal();
    for (const session of senders) expect(await session.send(null)).toBe("stored");
    expect(await reader.readAll(4)).toBeGreaterThan(0);
    await world.settle();
    expect(world.ledger.acknowledgedCount).toBe(16);
  });
});
