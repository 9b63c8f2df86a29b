import { beforeEach, describe, expect, it } from "vitest";
import { inviteKeys, newInvitation } from "../client/machines/invite-line.ts";
import { newKeys, type OwnKeys, publicKeysOf } from "../client/machines/machine-keys.ts";
import { newSigningPair, type SigningPair } from "../client/machines/node-crypto.ts";
import { type MachineListChange, signedEntry } from "../client/machines/signed-entry.ts";
import { Members, TEST_BRIDGE } from "../test/support/machines/members.ts";
import {
  BrokenMachineList,
  EMPTY_MACHINE_LIST,
  fingerprintText,
  followMachineList,
  type MachineList,
  machineNamed,
  reservedNames,
} from "./follow-machine-list.ts";
import { MAX_MACHINE_LIST_ENTRIES, MAX_MEMBERS_ENTRIES, type MachineListEntry, MEMBER_BUDGET } from "./machine-list.ts";
import { STRICT_CRYPTO, sha256Hex } from "./strict-crypto.ts";

const AT = Date.parse("2026-11-23T09:00:00.000Z");

let members: Members;
let mac: OwnKeys;
let pc: OwnKeys;
beforeEach(async () => {
  members = new Members(AT);
  mac = await members.found("mac");
  pc = await members.join("pc", mac);
});

const follow = async (entry: MachineListEntry, machineList: MachineList = members.machineList) =>
  followMachineList(machineList, entry, STRICT_CRYPTO);
const entryBy = (
  by: OwnKeys,
  change: MachineListChange,
  inviteKeys?: SigningPair,
  machineList: MachineList = members.machineList,
) => signedEntry(machineList, change, { by, inviteKeys, now: AT });
const invitation = () => {
  const made = newInvitation(TEST_BRIDGE);
  return { id: made.id, keys: inviteKeys(made) };
};
const inviteBy = ({ id, keys }: ReturnType<typeof invitation>, owner = false) => {
  const expiresAt = new Date(AT + 600_000).toISOString();
  return { type: "invite", invite: id, key: keys.publicKey, expiresAt, owner } as const;
};

describe("the machine list", () => {
  it("has the first machine as an owner, and those that were invited, by whom and as what", async () => {
    await members.join("box", pc);
    await members.join("mini", mac, true);
    const facts = members.machineList.machines.map(({ name, isOwner, invitedBy }) => [name, isOwner, invitedBy]);
    expect(facts).toEqual([
      ["mac", true, null],
      ["pc", false, mac.fingerprint],
      ["box", false, pc.fingerprint],
      ["mini", true, mac.fingerprint],
    ]);
  });

  it("finds a machine by its name in any case, and not by that of one that was revoked", async () => {
    expect(machineNamed(members.machineList, "PC")?.fingerprint).toBe(pc.fingerprint);
    await members.add(mac, { type: "revoke", machine: pc.fingerprint });
    expect(machineNamed(members.machineList, "pc")).toBeUndefined();
    expect([...reservedNames(members.machineList)], "and keeps that name from others").toEqual(["mac", "pc"]);
  });

  it("lets a machine leave, rename itself, and an owner make another one and lock", async () => {
    await members.add(pc, { type: "rename", name: "desk" });
    expect(members.machineList.machines[1]).toMatchObject({ name: "desk", formerNames: ["pc"] });
    await members.add(mac, { type: "owner", machine: pc.fingerprint });
    await members.add(pc, { type: "lock" });
    expect(members.machineList.isLocked).toBe(true);
    await members.add(pc, { type: "revoke", machine: pc.fingerprint });
    expect(members.machineList.machines[1]?.revokedAt).not.toBeNull();
  });
});

it("an entry that was dated too late keeps no owner from revoking, making an owner or locking", async () => {
  const early = AT - 86_400_000;
  const changes: MachineListChange[] = [
    { type: "owner", machine: pc.fingerprint },
    { type: "lock" },
    { type: "revoke", machine: pc.fingerprint },
  ];
  for (const change of changes)
    members.machineList = await follow(signedEntry(members.machineList, change, { by: mac, now: early }));
  expect(members.machineList).toMatchObject({ isLocked: true, lastAt: new Date(AT).toISOString() });
  expect(members.machineList.machines[1]?.revokedAt).toBe(new Date(early).toISOString());
  const { id, keys } = invitation();
  const expiresAt = new Date(early + 600_000).toISOString();
  const change = { type: "invite", invite: id, key: keys.publicKey, expiresAt, owner: false } as const;
  const invite = signedEntry(members.machineList, change, { by: mac, inviteKeys: keys, now: early });
  await expect(follow(invite), "an invitation has its time").rejects.toThrow("older than one before it");
});

describe("room in the list", () => {
  /** The list as if it had so many entries. */
  const long = (length: number, machineList: MachineList = members.machineList): MachineList => ({
    ...machineList,
    hashes: [...Array.from({ length: length - 1 }, () => "0".repeat(64)), machineList.hashes.at(-1) ?? ""],
  });
  const rename = (name: string) => ({ type: "rename", name }) as const;

  it("has a budget for a machine that is no owner, shared with those it lets in, and none of it is an owner's", async () => {
    const box = await members.join("box", pc);
    for (let i = 0; i < (MEMBER_BUDGET - 2) / 2; i++) {
      await members.add(pc, rename(`pc${i}`));
      await members.add(box, rename(`box${i}`));
    }
    for (const by of [pc, box]) {
      await expect(follow(entryBy(by, rename("more")))).rejects.toThrow("Let an owner do it");
      const open = invitation();
      await expect(follow(entryBy(by, inviteBy(open), open.keys))).rejects.toThrow("Let an owner do it");
    }
    await members.add(mac, rename("mini"));
    await members.join("desk", mac);
    await members.add(mac, { type: "owner", machine: box.fingerprint });
    await members.add(box, rename("own-budget"));
    await members.add(pc, { type: "revoke", machine: pc.fingerprint });
  });

  it("lets an invitation that was paid for be used", async () => {
    for (let i = 0; i < MEMBER_BUDGET - 2; i++) await members.add(pc, rename(`pc${i}`));
    const box = await members.join("box", pc);
    expect(machineNamed(members.machineList, "box")?.fingerprint).toBe(box.fingerprint);
  });

  it("is kept for owners at its end, and has no end for taking out, making an owner and locking", async () => {
    const byMember = long(MAX_MEMBERS_ENTRIES);
    await expect(follow(entryBy(pc, rename("desk"), undefined, byMember), byMember)).rejects.toThrow("full");
    await follow(entryBy(mac, rename("mini"), undefined, byMember), byMember);
    let full = long(MAX_MACHINE_LIST_ENTRIES);
    await expect(follow(entryBy(mac, rename("mini"), undefined, full), full)).rejects.toThrow("full");
    const changes: MachineListChange[] = [
      { type: "owner", machine: pc.fingerprint },
      { type: "lock" },
      { type: "revoke", machine: pc.fingerprint },
    ];
    for (const change of changes) {
      full = await follow(entryBy(mac, change, undefined, full), full);
      await expect(follow(entryBy(mac, change, undefined, full), full), "once").rejects.toThrow(BrokenMachineList);
    }
    expect(full).toMatchObject({ isLocked: true, hashes: { length: MAX_MACHINE_LIST_ENTRIES + 3 } });
  });

  it("has ten open invitations for each machine, so that a member's hinder no owner's", async () => {
    for (let count = 0; count < 10; count++) {
      const open = invitation();
      await members.add(pc, inviteBy(open), open.keys);
    }
    const open = invitation();
    await expect(follow(entryBy(pc, inviteBy(open), open.keys))).rejects.toThrow("10 open invitations");
    await follow(entryBy(mac, inviteBy(open), open.keys));
  });
});

describe("what a dishonest bridge, or a machine, cannot put into it", () => {
  const attacks: [string, () => Promise<MachineListEntry>][] = [
    [
      "a first machine of its own",
      async () => {
        const keys = await newKeys(TEST_BRIDGE);
        return entryBy(keys, { type: "found", machine: publicKeysOf(keys, "evil") });
      },
    ],
    [
      "a machine without an invitation",
      async () => {
        const keys = await newKeys(TEST_BRIDGE);
        const { id, keys: own } = invitation();
        return entryBy(keys, { type: "join", invite: id, machine: publicKeysOf(keys, "evil") }, own);
      },
    ],
    [
      "a machine by an invitation whose secret it has not",
      async () => {
        const open = invitation();
        await members.add(mac, inviteBy(open), open.keys);
        const keys = await newKeys(TEST_BRIDGE);
        return entryBy(keys, { type: "join", invite: open.id, machine: publicKeysOf(keys, "evil") }, newSigningPair());
      },
    ],
    [
      "a second machine by an invitation that was used",
      async () => {
        const open = invitation();
        await members.add(mac, inviteBy(open), open.keys);
        const [first, second] = [await newKeys(TEST_BRIDGE), await newKeys(TEST_BRIDGE)];
        await members.add(first, { type: "join", invite: open.id, machine: publicKeysOf(first, "one") }, open.keys);
        return entryBy(second, { type: "join", invite: open.id, machine: publicKeysOf(second, "two") }, open.keys);
      },
    ],
    [
      "an invitation that its inviter has not signed",
      async () => {
        const open = invitation();
        const { signature: _, ...entry } = entryBy(pc, inviteBy(open), open.keys);
        return { ...entry, signature: entryBy(mac, inviteBy(open), open.keys).signature };
      },
    ],
    [
      "an invitation that the invitation has not signed",
      async () => {
        const { inviteSignature: _, ...entry } = entryBy(mac, inviteBy(invitation()), invitation().keys);
        return entry;
      },
    ],
    [
      "an owner's invitation by one that is none",
      async () => {
        const open = invitation();
        return entryBy(pc, inviteBy(open, true), open.keys);
      },
    ],
    [
      "another encryption key for a machine",
      async () => {
        const entry = entryBy(pc, { type: "rename", name: "desk" });
        return { ...entry, body: entry.body.replace('"desk"', '"evil"') };
      },
    ],
    [
      "keys under the fingerprint of others",
      async () => {
        const open = invitation();
        await members.add(mac, inviteBy(open), open.keys);
        const [keys, other] = [await newKeys(TEST_BRIDGE), await newKeys(TEST_BRIDGE)];
        const mixed = { ...publicKeysOf(keys, "evil"), sealKey: other.recipient };
        return entryBy(keys, { type: "join", invite: open.id, machine: mixed }, open.keys);
      },
    ],
    ["a name that another machine has", async () => entryBy(pc, { type: "rename", name: "MAC" })],
    [
      "a name that another machine had",
      async () => {
        await members.add(mac, { type: "rename", name: "mini" });
        return entryBy(pc, { type: "rename", name: "mac" });
      },
    ],
    [
      "a name that a machine had which was revoked",
      async () => {
        await members.add(pc, { type: "rename", name: "desk" });
        await members.add(mac, { type: "revoke", machine: pc.fingerprint });
        return entryBy(mac, { type: "rename", name: "PC" });
      },
    ],
    [
      "a machine by an invitation of one that was revoked",
      async () => {
        const open = invitation();
        await members.add(pc, inviteBy(open), open.keys);
        await members.add(mac, { type: "revoke", machine: pc.fingerprint });
        const keys = await newKeys(TEST_BRIDGE);
        return entryBy(keys, { type: "join", invite: open.id, machine: publicKeysOf(keys, "thief") }, open.keys);
      },
    ],
    [
      "a machine by an invitation of yesterday, dated back",
      async () => {
        const open = invitation();
        await members.add(mac, inviteBy(open), open.keys);
        const later = signedEntry(
          members.machineList,
          { type: "rename", name: "mini" },
          { by: mac, now: AT + 86_400_000 },
        );
        members.machineList = await follow(later);
        const keys = await newKeys(TEST_BRIDGE);
        return entryBy(keys, { type: "join", invite: open.id, machine: publicKeysOf(keys, "late") }, open.keys);
      },
    ],
    [
      "a machine with a recipient that cannot be used",
      async () => {
        const open = invitation();
        await members.add(mac, inviteBy(open), open.keys);
        const drawn = await newKeys(TEST_BRIDGE);
        const recipient = `age1${"q".repeat(58)}`;
        const fingerprint = sha256Hex(fingerprintText({ signKey: drawn.signing.publicKey, sealKey: recipient }));
        const keys = { ...drawn, recipient, fingerprint };
        return entryBy(keys, { type: "join", invite: open.id, machine: publicKeysOf(keys, "evil") }, open.keys);
      },
    ],
    ["the end of the last owner", async () => entryBy(mac, { type: "revoke", machine: mac.fingerprint })],
    ["an end of an owner by one that is none", async () => entryBy(pc, { type: "revoke", machine: mac.fingerprint })],
    ["an owner made by one that is none", async () => entryBy(pc, { type: "owner", machine: pc.fingerprint })],
    ["a lock by one that is no owner", async () => entryBy(pc, { type: "lock" })],
    [
      "anything of a machine that was revoked",
      async () => {
        await members.add(mac, { type: "revoke", machine: pc.fingerprint });
        return entryBy(pc, { type: "rename", name: "desk" });
      },
    ],
    ["an entry for another place", async () => entryBy(mac, { type: "lock" }, undefined, EMPTY_MACHINE_LIST)],
    [
      "the same entry again",
      async () => {
        const entry = entryBy(pc, { type: "rename", name: "desk" });
        members.machineList = await follow(entry);
        return entry;
      },
    ],
    [
      "an entry of a kind that is not known",
      async () => {
        const entry = entryBy(mac, { type: "lock" });
        return { ...entry, body: entry.body.replace('"lock"', '"open"') };
      },
    ],
    ["what is no JSON", async () => ({ ...entryBy(mac, { type: "lock" }), body: "{" })],
    [
      "an invitation after ten that are open",
      async () => {
        for (let count = 0; count < 10; count++) {
          const open = invitation();
          await members.add(mac, inviteBy(open), open.keys);
        }
        const open = invitation();
        return entryBy(mac, inviteBy(open), open.keys);
      },
    ],
  ];

  it.each(attacks)("%s", async (_, attack) => {
    const entry = await attack();
    const before = members.machineList;
    await expect(follow(entry)).rejects.toThrow(BrokenMachineList);
    expect(members.machineList).toBe(before);
  });

  it("any other order: each entry has its one place", async () => {
    const entries: MachineListEntry[] = [];
    let machineList = members.machineList;
    for (const name of ["a", "b", "c"]) {
      const entry = entryBy(pc, { type: "rename", name }, undefined, machineList);
      machineList = await follow(entry, machineList);
      entries.push(entry);
    }
    const [first, second, third] = entries;
    for (const order of [[second], [third], [first, third], [second, first]]) {
      const all = async () => {
        let known = members.machineList;
        for (const entry of order) if (entry) known = await follow(entry, known);
      };
      await expect(all()).rejects.toThrow(BrokenMachineList);
    }
  });
});
