import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AT_MOST_ONE_LINE, type Computer } from "./computer.ts";
import type { Session } from "./session.ts";
import { SmallDisk } from "./small-disk.ts";
import { QUOTA_SPENT, World } from "./world.ts";

let world: World;
let pc: Computer;
let other: Session;
const cleanups: (() => void)[] = [];
beforeEach(async () => {
  world = await World.make();
  pc = world.computer("pc");
  other = await pc.openSession();
});
afterEach(async () => {
  await world.end();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Promise while the disk cannot be written: a message is on the bridge, or its sender is told that it is not. */
async function useWithoutDisk(mac: Computer, session: Session): Promise<void> {
  world.ledger.hadNoDisk(mac.machine);
  expect(await session.send("pc")).toBe("stored");
  expect(await other.send("mac")).toBe("stored");
  await session.readUntilKilled();

  expect(await other.send("mac")).toBe("stored");
  const shown = (await session.look(1)) ?? [];
  expect(shown).toHaveLength(1);
  world.network.treat = () => QUOTA_SPENT;
  expect(await session.finish(shown)).toBe(false);
  expect(await session.send("pc")).toBe("refused");
  expect(await session.look()).toBeNull();
  const event = { hook_event_name: "SessionStart", session_id: session.name, cwd: tmpdir() };
  for (const name of ["session-start", "stop", "session-end"] as const) {
    expect(await mac.hook(name, event)).toMatchObject({ code: 0, stderr: AT_MOST_ONE_LINE });
  }
  world.network.heal();
  expect(await session.send(null)).toBe("stored");
}

it("if a home folder cannot be created, messages go to the bridge or are refused, and are never reported as queued", async () => {
  const folder = mkdtempSync(join(tmpdir(), "photon nowhere "));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "");
  const mac = world.computer("mac", { home: join(folder, "file") });
  await useWithoutDisk(mac, await mac.openSession());
  await world.settle();
});

it.for<[string, (disk: SmallDisk) => void, (disk: SmallDisk) => void]>([
  ["becomes full", (disk) => disk.fill(), (disk) => disk.free()],
  [
    "becomes read-only",
    (disk) => {
      disk.isReadOnly = true;
    },
    (disk) => {
      disk.isReadOnly = false;
    },
  ],
])(
  "a disk that %s keeps its queued messages, and all of them arrive once and in order",
  async ([, spoil, repair], { skip }) => {
    const whyNot = SmallDisk.whyNot();
    if (whyNot !== null) skip(whyNot);
    const disk = SmallDisk.make();
    cleanups.push(() => disk.remove());
    const mac = world.computer("mac", { home: disk.path });
    const session = await mac.openSession();
    expect(await session.send("pc")).toBe("stored");
    world.network.treat = () => QUOTA_SPENT;
    expect(await session.send("pc")).toBe("queued");
    expect(await session.send(null)).toBe("queued");

    spoil(disk);
    world.network.heal();
    await useWithoutDisk(mac, session);
    repair(disk);
    expect(await session.send("pc")).toBe("stored");
    await world.settle();
  },
);
