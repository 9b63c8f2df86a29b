import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FarEnd, FAR_NOW as NOW } from "../../test/support/machines/far-end.ts";
import { TEST_BRIDGE } from "../../test/support/machines/members.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { fingerprintWords } from "./fingerprint-words.ts";
import { inviteKeys, inviteLine, newInvitation, parseInviteLine } from "./invite-line.ts";
import { foundMachineList, joinBridge } from "./join-bridge.ts";
import { newKeys, type OwnKeys, publicKeysOf } from "./machine-keys.ts";
import { saveMachineList } from "./machine-list-file.ts";
import { signedEntry } from "./signed-entry.ts";

/** Paths of a machine that knows nothing about this bridge. */
const NOWHERE = { machineList: "/nowhere/machine-list.json" };

async function invited(far: FarEnd) {
  const mac = await newKeys(TEST_BRIDGE);
  await foundMachineList(far.api, { keys: mac, name: "mac", paths: NOWHERE });
  const invitation = newInvitation(TEST_BRIDGE);
  const invite = inviteKeys(invitation);
  const expiresAt = new Date(NOW + 600_000).toISOString();
  await far.add(mac, { type: "invite", invite: invitation.id, key: invite.publicKey, expiresAt, owner: false }, invite);
  return { mac, invitation, keys: await newKeys(TEST_BRIDGE) };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => void vi.useRealTimers());

describe("joining with an invitation", () => {
  it("follows the list from its first entry and adds the machine", async () => {
    const far = new FarEnd();
    const { invitation, keys, mac } = await invited(far);
    const machineList = await joinBridge(far.api, invitation, { keys, name: "pc", paths: NOWHERE });
    expect(machineList.machines.map(({ name, invitedBy }) => [name, invitedBy])).toEqual([
      ["mac", null],
      ["pc", mac.fingerprint],
    ]);
    expect(machineList).toEqual(far.machineList);
  });

  it("fails if the clocks differ by more than a day, as it does for the first machine", async () => {
    const far = new FarEnd();
    const { invitation, keys } = await invited(far);
    const { length } = far.entries;
    far.now += 24 * 3_600_000 + 1;
    const joining = { keys, name: "pc", paths: NOWHERE };
    await expect(joinBridge(far.api, invitation, joining)).rejects.toThrow("The bridge's clock looks wrong");
    await expect(foundMachineList(far.api, joining)).rejects.toThrow("The bridge's clock looks wrong");
    expect(far.entries).toHaveLength(length);
  });

  it("uses the bridge's time if this machine's clock is hours off", async () => {
    for (const hours of [-2, 2]) {
      vi.useFakeTimers({ toFake: ["Date"], now: NOW + hours * 3_600_000 });
      const far = new FarEnd();
      const { invitation, keys } = await invited(far);
      const { machines, lastAt } = await joinBridge(far.api, invitation, { keys, name: "pc", paths: NOWHERE });
      expect([machines.at(-1)?.joinedAt, lastAt]).toEqual(Array(2).fill(new Date(NOW).toISOString()));
    }
  });

  it("fails if entries that this machine saw before are missing", async () => {
    const far = new FarEnd();
    const { invitation, keys, mac } = await invited(far);
    await far.add(mac, { type: "rename", name: "mini" });
    const folder = mkdtempSync(join(tmpdir(), "photon join "));
    const paths = { machineList: join(folder, "machine-list.json") };
    saveMachineList(paths, TEST_BRIDGE, { machineList: far.machineList, checkedAt: 0, seen: [] });
    far.shown = 2;
    const joining = { keys, name: "pc", paths };
    await expect(joinBridge(far.api, invitation, joining)).rejects.toThrow("hides entries that this machine has seen");
    await expect(foundMachineList(new FarEnd().api, joining)).rejects.toThrow("another machine list than before");
    far.shown = 3;
    await joinBridge(far.api, invitation, joining);
    rmSync(folder, { recursive: true });
  });

  it("retries if another entry came first, and reports a lost answer", async () => {
    const far = new FarEnd();
    const { invitation, keys, mac } = await invited(far);
    let isFirst = true;
    far.beforeJoin = async () => {
      if (isFirst) await far.add(mac, { type: "rename", name: "mini" });
      isFirst = false;
    };
    const machineList = await joinBridge(far.api, invitation, { keys, name: "pc", paths: NOWHERE });
    expect(machineList.machines.map(({ name }) => name)).toEqual(["mini", "pc"]);
    expect(far.machineList.machines).toHaveLength(2);

    const lossy = new FarEnd();
    const second = await invited(lossy);
    lossy.answersToLose = 1;
    const joining = joinBridge(lossy.api, second.invitation, { keys: second.keys, name: "pc", paths: NOWHERE });
    await expect(joining).rejects.toMatchObject({ code: "offline" });
  });

  it("fails for a reserved name", async () => {
    const far = new FarEnd();
    const { invitation, keys } = await invited(far);
    await expect(joinBridge(far.api, invitation, { keys, name: "Mac", paths: NOWHERE })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("fails on a bridge with a made-up machine list", async () => {
    const honest = new FarEnd();
    const { invitation, keys } = await invited(honest);
    const evil = new FarEnd();
    const founder = await newKeys(TEST_BRIDGE);
    await foundMachineList(evil.api, { keys: founder, name: "mac", paths: NOWHERE });
    // It knows the real invitation's id and public key from the real list, but not its secret.
    const { key = "", id = "", expiresAt = "" } = honest.machineList.invites[0] ?? {};
    const fake = signedEntry(
      evil.machineList,
      { type: "invite", invite: id, key, expiresAt, owner: false },
      { by: founder, inviteKeys: inviteKeys(newInvitation(TEST_BRIDGE)), now: NOW },
    );
    evil.entries.push(fake);
    await expect(joinBridge(evil.api, invitation, { keys, name: "pc", paths: NOWHERE })).rejects.toMatchObject({
      message: expect.stringContaining("cannot be right"),
    });
    evil.entries.pop();
    await expect(joinBridge(evil.api, invitation, { keys, name: "pc", paths: NOWHERE })).rejects.toMatchObject({
      message: expect.stringContaining("did not join"),
    });
    const real = honest.entries[1];
    if (real) evil.entries.push(real);
    await expect(joinBridge(evil.api, invitation, { keys, name: "pc", paths: NOWHERE })).rejects.toThrow(PhotonError);
    expect(evil.machineList.machines).toHaveLength(1);
  });
});

describe("an invitation's line", () => {
  it.each([
    ["as it is", (line: string) => line],
    ["with the command before it", (line: string) => `photon join ${line}`],
    ["in quotes, with spaces", (line: string) => `  "${line}" \n`],
  ])("is read %s", (_, pasted) => {
    const invitation = newInvitation("https://photon.example.workers.dev/some/path");
    expect(parseInviteLine(pasted(inviteLine(invitation)))).toEqual(invitation);
  });

  it.each([
    "",
    "https://photon.example.workers.dev",
    "https://x.example/join#abc.def",
    `ftp://x.example/join#${"0".repeat(32)}.${"A".repeat(22)}`,
    `https://x.example/join#${"0".repeat(32)}.${"A".repeat(22)} and more`,
  ])("is not %j, in a sentence", (text) => {
    expect(() => parseInviteLine(text)).toThrow(/That is not an invitation/);
  });

  it("gives both sides the same key, and a different one for another secret or id", () => {
    const one = newInvitation(TEST_BRIDGE);
    expect(inviteKeys(parseInviteLine(inviteLine(one)))).toEqual(inviteKeys(one));
    const { publicKey } = inviteKeys(one);
    expect(inviteKeys({ ...one, id: newInvitation(TEST_BRIDGE).id }).publicKey).not.toBe(publicKey);
    expect(inviteKeys({ ...one, secret: newInvitation(TEST_BRIDGE).secret }).publicKey).not.toBe(publicKey);
  });
});

describe("the words of a fingerprint", () => {
  it("are six, always the same, and different for the smallest difference in the keys", async () => {
    const { fingerprint, signing, recipient } = await newKeys(TEST_BRIDGE);
    expect(publicKeysOf({ fingerprint, signing, recipient } as OwnKeys, "mac")).toMatchObject({ name: "mac" });
    expect(fingerprintWords(fingerprint)).toMatch(/^[a-z]+( [a-z]+){5}$/);
    expect(fingerprintWords("0".repeat(64))).toBe("abandon abandon abandon abandon abandon abandon");
    expect(fingerprintWords("f".repeat(64))).toBe("zoo zoo zoo zoo zoo zoo");
    expect(fingerprintWords(`${"0".repeat(15)}4${"0".repeat(48)}`)).not.toBe(fingerprintWords("0".repeat(64)));
  });
});
