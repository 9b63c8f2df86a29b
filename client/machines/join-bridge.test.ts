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

/** A disk that knows nothing of this bridge. */
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

describe("joining by an invitation", () => {
  it("follows the list from its first entry, and is in it then", async () => {
    const far = new FarEnd();
    const { invitation, keys, mac } = await invited(far);
    const machineList = await joinBridge(far.api, invitation, { keys, name: "pc", paths: NOWHERE });
    expect(machineList.machines.map(({ name, invitedBy }) => [name, invitedBy])).toEqual([
      ["mac", null],
      ["pc", mac.fingerprint],
    ]);
    expect(machineList).toEqual(far.machineList);
  });

  it("is not dated by a bridge whose clock is more than a day from this machine's, nor is a first machine", async () => {
    const far = new FarEnd();
    const { invitation, keys } = await invited(far);
    const { length } = far.entries;
    far.now += 24 * 3_600_000 + 1;
    const joining = { keys, name: "pc", paths: NOWHERE };
    await expect(joinBridge(far.api, invitation, joining)).rejects.toThrow("The bridge's clock looks wrong");
    await expect(foundMachineList(far.api, joining)).rejects.toThrow("The bridge's clock looks wrong");
    expect(far.entries).toHaveLength(length);
  });

  it("is dated by the bridge's clock when this machine's is hours from it", async () => {
    for (const hours of [-2, 2]) {
      vi.useFakeTimers({ toFake: ["Date"], now: NOW + hours * 3_600_000 });
      const far = new FarEnd();
      const { invitation, keys } = await invited(far);
      const { machines, lastAt } = await joinBridge(far.api, invitation, { keys, name: "pc", paths: NOWHERE });
      expect([machines.at(-1)?.joinedAt, lastAt]).toEqual(Array(2).fill(new Date(NOW).toISOString()));
    }
  });

  it("is refused by what this machine has seen of the bridge before, when that is missing", async () => {
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

  it("joins once, and tries again when another entry came first; a lost answer is said", async () => {
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

  it("is refused for a name that is taken", async () => {
    const far = new FarEnd();
    const { invitation, keys } = await invited(far);
    await expect(joinBridge(far.api, invitation, { keys, name: "Mac", paths: NOWHERE })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("joins nothing that the invitation was not made for: a bridge with a list of its own making", async () => {
    const honest = new FarEnd();
    const { invitation, keys } = await invited(honest);
    const evil = new FarEnd();
    const founder = await newKeys(TEST_BRIDGE);
    await foundMachineList(evil.api, { keys: founder, name: "mac", paths: NOWHERE });
    // It knows the true invitation's id and public key, which stand in the true list; not its secret.
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
      message: expect.stringContaining("Nothing was joined"),
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

  it("has the same key for both sides, and another one for another secret or id", () => {
    const one = newInvitation(TEST_BRIDGE);
    expect(inviteKeys(parseInviteLine(inviteLine(one)))).toEqual(inviteKeys(one));
    const { publicKey } = inviteKeys(one);
    expect(inviteKeys({ ...one, id: newInvitation(TEST_BRIDGE).id }).publicKey).not.toBe(publicKey);
    expect(inviteKeys({ ...one, secret: newInvitation(TEST_BRIDGE).secret }).publicKey).not.toBe(publicKey);
  });
});

describe("the words of a fingerprint", () => {
  it("are six, always the same, and others for the least difference in what they stand for", async () => {
    const { fingerprint, signing, recipient } = await newKeys(TEST_BRIDGE);
    expect(publicKeysOf({ fingerprint, signing, recipient } as OwnKeys, "mac")).toMatchObject({ name: "mac" });
    expect(fingerprintWords(fingerprint)).toMatch(/^[a-z]+( [a-z]+){5}$/);
    expect(fingerprintWords("0".repeat(64))).toBe("abandon abandon abandon abandon abandon abandon");
    expect(fingerprintWords("f".repeat(64))).toBe("zoo zoo zoo zoo zoo zoo");
    expect(fingerprintWords(`${"0".repeat(15)}4${"0".repeat(48)}`)).not.toBe(fingerprintWords("0".repeat(64)));
  });
});
