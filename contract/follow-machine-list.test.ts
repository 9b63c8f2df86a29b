import { beforeEach, describe, expect, it } from "vitest";
import { inviteKeys, newInvitation } from "../client/machines/invite-line.ts";
import { newKeys, type OwnKeys, publicKeysOf } from "../client/machines/machine-keys.ts";
import { newSigningPair, type SigningPair } from "../client/machines/node-crypto.ts";
import { type MachineListChange, signedEntry } from "../client/machines/signed-entry.ts";
import { Members, TEST_BRIDGE } from "../test/support/machines/members.ts";
import {
  BrokenMachineList,
  fingerprintText,
  followMachineList,
  machineNamed,
  reservedNames,
} from "./follow-machine-list.ts";
import {
  EMPTY_MACHINE_LIST,
  MAX_MACHINE_LIST_ENTRIES,
  MAX_MEMBERS_ENTRIES,
  type MachineList,
  type MachineListEntry,
  MEMBER_BUDGET,
} from "./machine-list.ts";
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
  it("records who invited each machine and whether it is an owner; the first machine is one", async () => {
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

  it("finds a machine by its name in any case, but not a revoked one, whose name stays reserved", async () => {
    expect(machineNamed(members.machineList, "PC")?.fingerprint).toBe(pc.fingerprint);
    await members.add(mac, { type: "revoke", machine: pc.fingerprint });
    expect(machineNamed(members.machineList, "pc")).toBeUndefined();
    expect([...reservedNames(members.machineList)]).toEqual(["mac", "pc"]);
  });

  it("lets a machine rename or revoke itself, and an owner make another owner and lock", async () => {
    await members.add(pc, { type: "rename", name: "desk" });
    expect(members.machineList.machines[1]).toMatchObject({ name: "desk", formerNames: ["pc"] });
    await members.add(mac, { type: "owner", machine: pc.fingerprint });
    await members.add(pc, { type: "lock" });
    expect(members.machineList.isLocked).toBe(true);
    await members.add(pc, { type: "revoke", machine: pc.fingerprint });
    expect(members.machineList.machines[1]?.revokedAt).not.toBeNull();
  });
});

it("an entry dated too late does not keep an owner from revoking, making an owner or locking", async () => {
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
  await expect(follow(invite), "an invitation must not be backdated").rejects.toThrow("older than");
});

describe("room in the list", () => {
  /** The list padded to a length. */
  const long = (length: number, machineList: MachineList = members.machineList): MachineList => ({
    ...machineList,
    hashes: [...Array.from({ length: length - 1 }, () => "0".repeat(64)), machineList.hashes.at(-1) ?? ""],
  });
  const rename = (name: string) => ({ type: "rename", name }) as const;

  it("is limited for a machine that is not an owner, together with those it lets in, and not for an owner", async () => {
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

  it("is enough to join with an invitation that was paid for", async () => {
    for (let i = 0; i < MEMBER_BUDGET - 2; i++) await members.add(pc, rename(`pc${i}`));
    const box = await members.join("box", pc);
    expect(machineNamed(members.machineList, "box")?.fingerprint).toBe(box.fingerprint);
  });

  it("is reserved for owners near the end; revoking, making an owner and locking always fit", async () => {
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

  it("allows ten open invitations per machine, so that a member cannot block an owner's", async () => {
    for (let count = 0; count < 10; count++) {
      const open = invitation();
      await members.add(pc, inviteBy(open), open.keys);
    }
    const open = invitation();
    await expect(follow(entryBy(pc, inviteBy(open), open.keys))).rejects.toThrow("10 open invitations");
    await follow(entryBy(mac, inviteBy(open), open.keys));
  });
});

describe("the machine list rejects, from a dishonest bridge or machine,", () => {
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
      "a join by a machine that does not have the invitation's secret",
      async () => {
        const open = invitation();
        await members.add(mac, inviteBy(open), open.keys);
        const keys = await newKeys(TEST_BRIDGE);
        return entryBy(keys, { type: "join", invite: open.id, machine: publicKeysOf(keys, "evil") }, newSigningPair());
      },
    ],
    [
      "a second join with the same invitation",
      async () => {
        const open = invitation();
        await members.add(mac, inviteBy(open), open.keys);
        const [first, second] = [await newKeys(TEST_BRIDGE), await newKeys(TEST_BRIDGE)];
        await members.add(first, { type: "join", invite: open.id, machine: publicKeysOf(first, "one") }, open.keys);
        return entryBy(second, { type: "join", invite: open.id, machine: publicKeysOf(second, "two") }, open.keys);
      },
    ],
    [
      "an invitation without its inviter's signature",
      async () => {
        const open = invitation();
        const { signature: _, ...entry } = entryBy(pc, inviteBy(open), open.keys);
        return { ...entry, signature: entryBy(mac, inviteBy(open), open.keys).signature };
      },
    ],
    [
      "an invitation without the signature of its own key",
      async () => {
        const { inviteSignature: _, ...entry } = entryBy(mac, inviteBy(invitation()), invitation().keys);
        return entry;
      },
    ],
    [
      "an invitation for an owner by a machine that is not an owner",
      async () => {
        const open = invitation();
        return entryBy(pc, inviteBy(open, true), open.keys);
      },
    ],
    [
      "an entry changed after it was signed",
      async () => {
        const entry = entryBy(pc, { type: "rename", name: "desk" });
        return { ...entry, body: entry.body.replace('"desk"', '"evil"') };
      },
    ],
    [
      "keys that do not match the fingerprint",
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
      "a former name of a revoked machine",
      async () => {
        await members.add(pc, { type: "rename", name: "desk" });
        await members.add(mac, { type: "revoke", machine: pc.fingerprint });
        return entryBy(mac, { type: "rename", name: "PC" });
      },
    ],
    [
      "a join with an invitation by a revoked machine",
      async () => {
        const open = invitation();
        await members.add(pc, inviteBy(open), open.keys);
        await members.add(mac, { type: "revoke", machine: pc.fingerprint });
        const keys = await newKeys(TEST_BRIDGE);
        return entryBy(keys, { type: "join", invite: open.id, machine: publicKeysOf(keys, "thief") }, open.keys);
      },
    ],
    [
      "a backdated join with an expired invitation",
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
      "a machine with an unusable recipient",
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
    ["revoking the last owner", async () => entryBy(mac, { type: "revoke", machine: mac.fingerprint })],
    [
      "revoking an owner by a machine that is not an owner",
      async () => entryBy(pc, { type: "revoke", machine: mac.fingerprint }),
    ],
    [
      "making an owner by a machine that is not an owner",
      async () => entryBy(pc, { type: "owner", machine: pc.fingerprint }),
    ],
    ["a lock by a machine that is not an owner", async () => entryBy(pc, { type: "lock" })],
    [
      "any entry by a revoked machine",
      async () => {
        await members.add(mac, { type: "revoke", machine: pc.fingerprint });
        return entryBy(pc, { type: "rename", name: "desk" });
      },
    ],
    ["an entry made for another position", async () => entryBy(mac, { type: "lock" }, undefined, EMPTY_MACHINE_LIST)],
    [
      "the same entry again",
      async () => {
        const entry = entryBy(pc, { type: "rename", name: "desk" });
        members.machineList = await follow(entry);
        return entry;
      },
    ],
    [
      "an entry of an unknown type",
      async () => {
        const entry = entryBy(mac, { type: "lock" });
        return { ...entry, body: entry.body.replace('"lock"', '"open"') };
      },
    ],
    ["a body that is not JSON", async () => ({ ...entryBy(mac, { type: "lock" }), body: "{" })],
    [
      "an eleventh open invitation",
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

  it("entries in any other order", async () => {
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
