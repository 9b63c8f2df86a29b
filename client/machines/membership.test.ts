import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FAR_NOW, FarEnd } from "../../test/support/machines/far-end.ts";
import { TEST_BRIDGE } from "../../test/support/machines/members.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { newInvitation } from "./invite-line.ts";
import { foundMachineList } from "./join-bridge.ts";
import { newKeys, type OwnKeys, publicKeysOf } from "./machine-keys.ts";
import { readMachineList, saveMachineList } from "./machine-list-file.ts";
import { Membership } from "./membership.ts";
import { signedEntry } from "./signed-entry.ts";

let home: string;
let paths: Paths;
let far: FarEnd;
let mac: OwnKeys;
let now: number;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: FAR_NOW });
  home = mkdtempSync(join(tmpdir(), "photon membership "));
  paths = photonPaths({ PHOTON_HOME: home });
  far = new FarEnd();
  now = FAR_NOW;
  mac = await newKeys(TEST_BRIDGE);
  await foundMachineList(far.api, { keys: mac, name: "mac", paths });
  await far.add(mac, { type: "rename", name: "mini" });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(home, { recursive: true });
});

/** Another process of the same machine. */
const process = () =>
  new Membership(
    paths,
    mac,
    () => far.api,
    () => now,
  );
const onDisk = () => readMachineList(paths, TEST_BRIDGE).machineList;

describe("the machine list as this machine knows it", () => {
  it("is not shortened by a session that read it earlier: the session reads the disk again", async () => {
    const session = process();
    await session.machineList(0);
    await process().extend({ type: "rename", name: "mac-2" });
    far.shown = 2;
    now += 60_001;
    await expect(session.machineList(60_000)).rejects.toThrow("hides entries that this machine has seen");
    expect(onDisk().hashes).toHaveLength(3);
    expect(session.known.machineList.machines[0]?.name, "and knows what the other process learned").toBe("mac-2");
  });

  it("is not shortened by a session that writes last", async () => {
    const { machineList: old } = await process().machineList(0);
    await process().extend({ type: "rename", name: "mac-2" });
    const kept = saveMachineList(paths, TEST_BRIDGE, { machineList: old, checkedAt: now + 1, seen: [] });
    expect(kept.machineList.hashes).toHaveLength(3);
    expect(onDisk().machines[0]?.name).toBe("mac-2");
  });

  it("is kept while this machine uses another bridge", async () => {
    await process().machineList(0);
    saveMachineList(paths, "https://other.example", { machineList: far.machineList, checkedAt: now, seen: [] });
    expect(onDisk().hashes).toHaveLength(2);
    saveMachineList(paths, TEST_BRIDGE, { machineList: far.machineList, checkedAt: now, seen: [] });
    expect(readMachineList(paths, "https://other.example").machineList.hashes).toHaveLength(2);
  });

  it.each([
    ["empty", async () => new FarEnd()],
    [
      "another one",
      async () => {
        const other = new FarEnd();
        const keys = await newKeys(TEST_BRIDGE);
        await foundMachineList(other.api, { keys, name: "evil", paths: { machineList: "/nowhere/list.json" } });
        await other.add(keys, { type: "rename", name: "mini" });
        await other.add(keys, { type: "lock" });
        return other;
      },
    ],
  ])("does not give way to a list that is %s; the person is told, and it is not used", async (_, make) => {
    await process().machineList(0);
    far = await make();
    now += 60_001;
    await expect(process().machineList(60_000)).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining(paths.machineList),
    });
    expect(onDisk().machines.map(({ name }) => name)).toEqual(["mini"]);
    const fork = {
      machineList: { ...far.machineList, hashes: ["0".repeat(64), "1".repeat(64)] },
      checkedAt: now,
      seen: [],
    };
    expect(() => saveMachineList(paths, TEST_BRIDGE, fork)).toThrow("another machine list than before");
  });

  it("keeps the valid entries before an invalid one, but is not used", async () => {
    const session = process();
    await session.machineList(0);
    await far.add(mac, { type: "lock" });
    const evil = await newKeys(TEST_BRIDGE);
    const change = { type: "found", machine: publicKeysOf(evil, "evil") } as const;
    far.entries.push(signedEntry(far.machineList, change, { by: evil, now: FAR_NOW }));
    await expect(session.machineList(0)).rejects.toThrow("cannot be right");
    expect(onDisk()).toMatchObject({ isLocked: true, hashes: { length: 3 } });
    await expect(process().machineList(1), "the next process looks again").rejects.toThrow("cannot be right");
  });
});

it("an invitation is valid for ten minutes by the bridge's clock, whatever this machine's says", async () => {
  now = FAR_NOW - 2 * 3_600_000;
  const { invites } = await process().invite(newInvitation(TEST_BRIDGE), false);
  expect(invites[0]?.expiresAt).toBe(new Date(FAR_NOW + 600_000).toISOString());
});

describe("a difference of more than a day between the bridge's and this machine's clock", () => {
  const DAY_MS = 24 * 3_600_000;
  const change = { type: "rename", name: "mac-2" } as const;

  it.each([-1, 1])("stops any signing, and the error says whose clock looks wrong (%i)", async (way) => {
    await process().machineList(0);
    far.now = FAR_NOW + way * (DAY_MS + 1);
    const { length } = far.entries;
    for (const refused of [process().invite(newInvitation(TEST_BRIDGE), false), process().extend(change)]) {
      await expect(refused).rejects.toThrow(
        `The bridge's clock looks wrong: it says ${way < 0 ? "2026-11-22 08:59" : "2026-11-24 09:00"} UTC, and this machine's says 2026-11-23 09:00 UTC.`,
      );
    }
    expect(far.entries).toHaveLength(length);
    far.now = FAR_NOW + way * DAY_MS;
    await process().extend(change);
  });

  it("is blamed on this machine if its clock is far behind the times in the list", async () => {
    await process().machineList(0);
    now -= DAY_MS + 1;
    await expect(process().extend(change)).rejects.toThrow(
      "This machine's clock looks wrong: it says 2026-11-22 08:59 UTC, and the bridge's says 2026-11-23 09:00 UTC.",
    );
  });
});
