import { evictDurableObject, reset } from "cloudflare:test";
import { bech32 } from "@scure/base";
import { beforeEach, describe, expect, it } from "vitest";
import { fingerprintText, machineNamed } from "../../../contract/follow-machine-list.ts";
import { MAX_WRONG_TRIES } from "../../../contract/machine-list.ts";
import { sha256Hex } from "../../../contract/strict-crypto.ts";
import { bridgeObject, call, problemOf, stored } from "../../../test/support/worker/bridge.ts";
import { callAs, extend, found, invite, join, joined, machineListFor } from "../../../test/support/worker/fleet.ts";
import { inviteChange, JoiningMachine, newInvite, newKeyPair } from "../../../test/support/worker/joining-machine.ts";

beforeEach(() => reset());

const open = (id: string) => call("GET", `/invites/${id}`, { headers: { authorization: "" } });

const logOf = async (machine: JoiningMachine) => (await callAs(machine, "GET", "/log")).json();

describe("the first machine", () => {
  it("is founded with the shared key, once, and is known by its own from then on", async () => {
    const mac = await found();
    expect((await callAs(mac, "GET", "/unread?reader=mac")).status).toBe(200);
    const other = await JoiningMachine.make("other");
    const entry = await other.entry({ hashes: [] }, { type: "found", machine: other.keys });
    const second = await call("POST", "/roster", { body: { entry, keyHash: other.keyHash() } });
    expect(await problemOf(second)).toMatchObject({ status: 409, code: "conflict" });
    expect((await callAs(other, "GET", "/unread?reader=other")).status).toBe(401);
    expect((await machineListFor()).machines.map(({ name }) => name)).toEqual(["mac"]);
  });

  it("is stored as an entry and the hash of its key, and nothing of the key itself", async () => {
    const mac = await found();
    const { entries } = await (await callAs(mac, "GET", "/roster")).json<{ entries: unknown[] }>();
    expect(JSON.stringify(entries)).not.toContain(mac.machineKey.slice(7));
    const rows = (await stored()).join();
    expect(rows).toContain(mac.keyHash());
    expect(rows).not.toContain(mac.machineKey.slice(7));
  });

  it("needs the hash of its key, and a clock that is near", async () => {
    const mac = await JoiningMachine.make("mac");
    const change = { type: "found", machine: mac.keys };
    const without = await call("POST", "/roster", { body: { entry: await mac.entry({ hashes: [] }, change) } });
    expect((await problemOf(without)).status).toBe(400);
    const late = await mac.entry({ hashes: [] }, change, { at: Date.now() - 11 * 60_000 });
    const answer = await call("POST", "/roster", { body: { entry: late, keyHash: mac.keyHash() } });
    expect((await problemOf(answer)).error).toContain("clock");
    expect((await machineListFor()).hashes).toEqual([]);
  });
});

describe("joining", () => {
  it("works once: of two at the same moment one", async () => {
    const mac = await found();
    const invitation = await invite(mac);
    const [pc, box] = [await JoiningMachine.make("pc"), await JoiningMachine.make("box")];
    const machineList = await machineListFor(mac);
    const answers = await Promise.all([join(pc, invitation, machineList), join(box, invitation, machineList)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect((await machineListFor(mac)).machines).toHaveLength(2);
    expect(await problemOf(await join(box, invitation, await machineListFor(mac)))).toMatchObject({
      code: "forbidden",
    });
  });

  it("shows the list to whoever has an open invitation, without a key", async () => {
    const mac = await found();
    const { id } = await invite(mac);
    expect((await open(id)).status).toBe(200);
    expect(await problemOf(await open("0".repeat(32)))).toMatchObject({ status: 403, code: "forbidden" });
  });

  it.each([
    ["a key that the invitation has not", async () => ({ keys: await newKeyPair() }), 403],
    ["another invitation's path", async () => ({ path: "1".repeat(32) }), 403],
    ["a clock that is far off", async () => ({ at: Date.now() + 11 * 60_000 }), 400],
  ])("is refused with %s, and nobody joins", async (_, wrong, status) => {
    const mac = await found();
    const invitation = await invite(mac);
    const pc = await JoiningMachine.make("pc");
    const { keys = invitation.keys, ...options } = { keys: undefined, ...(await wrong()) };
    const answer = await join(pc, { ...invitation, keys: keys ?? invitation.keys }, await machineListFor(mac), options);
    expect(answer.status).toBe(status);
    expect((await callAs(pc, "GET", "/unread?reader=pc")).status).toBe(401);
    expect((await machineListFor(mac)).machines).toHaveLength(1);
  });

  it("under a name that is taken is a conflict, whatever its case; so is an entry for an older list", async () => {
    const mac = await found();
    const stale = await machineListFor(mac);
    const invitation = await invite(mac);
    const pc = await JoiningMachine.make("pc");
    expect(await problemOf(await join(pc, invitation, stale))).toMatchObject({ status: 409, code: "conflict" });
    const double = await JoiningMachine.make("MAC");
    expect((await problemOf(await join(double, invitation, await machineListFor(mac)))).error).toContain(
      "has or had this name",
    );
    expect((await join(pc, invitation, await machineListFor(mac))).status, "neither counted as wrong").toBe(201);
  });

  it(`is void after ${MAX_WRONG_TRIES} joinings with a wrong signature; other invitations are not`, async () => {
    const mac = await found();
    const [first, second] = [await invite(mac), await invite(mac)];
    const thief = await JoiningMachine.make("thief");
    const wrong = { ...first, keys: await newKeyPair() };
    for (let times = 1; times < MAX_WRONG_TRIES; times++) await join(thief, wrong, await machineListFor(mac));
    expect((await open(first.id)).status).toBe(200);
    expect((await join(thief, wrong, await machineListFor(mac))).status).toBe(403);
    expect([(await open(first.id)).status, (await open(second.id)).status]).toEqual([403, 200]);
    expect((await join(await JoiningMachine.make("pc"), second, await machineListFor(mac))).status).toBe(201);
  });

  it("is not hindered by strangers who guess ids, and their guesses write nothing", async () => {
    const mac = await found();
    const invitation = await invite(mac);
    const before = [await stored(), await logOf(mac)];
    for (let guess = 0; guess <= MAX_WRONG_TRIES; guess++) {
      const id = String(guess).padStart(32, "2");
      expect((await open(id)).status).toBe(403);
      expect(
        (await join(await JoiningMachine.make("thief"), { ...invitation, id }, await machineListFor(mac))).status,
      ).toBe(403);
    }
    expect([await stored(), await logOf(mac)]).toEqual(before);
    expect((await join(await JoiningMachine.make("pc"), invitation, await machineListFor(mac))).status).toBe(201);
  });

  it("expires after ten minutes, and no invitation is valid for longer", async () => {
    const mac = await found();
    const invitation = await newInvite();
    const tooLong = inviteChange(invitation, false, Date.now() + 2 * 60_000);
    const entry = await mac.entry(await machineListFor(mac), tooLong, { invite: invitation.keys });
    expect((await problemOf(await callAs(mac, "POST", "/roster", { entry }))).error).toContain("10 minutes");
    const short = { ...inviteChange(invitation), expiresAt: new Date(Date.now() + 50).toISOString() };
    const soon = await mac.entry(await machineListFor(mac), short, { invite: invitation.keys });
    expect((await callAs(mac, "POST", "/roster", { entry: soon })).status).toBe(201);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await open(invitation.id)).status).toBe(403);
  });
});

describe("keys that cannot be used", () => {
  const neutral = `AQ${"A".repeat(41)}`;
  it.each([
    ["a signing key of small order", { signKey: neutral }],
    ["a recipient without its checksum", { sealKey: `age1${"q".repeat(58)}` }],
    ["a recipient of small order", { sealKey: bech32.encodeFromBytes("age", new Uint8Array(32)) }],
  ])("never enter the list: %s", async (_, wrong) => {
    const mac = await found();
    const invitation = await invite(mac);
    const pc = await JoiningMachine.make("pc");
    const machine = { ...pc.keys, ...wrong };
    const by = sha256Hex(fingerprintText(machine));
    const machineList = await machineListFor(mac);
    const right = await pc.entry(
      machineList,
      { type: "join", invite: invitation.id, machine, by },
      { invite: invitation.keys },
    );
    // Fits every text under the neutral element: R is that element, and S is zero.
    const signature = "signKey" in wrong ? `AQ${"A".repeat(84)}` : right.signature;
    const body = { entry: { ...right, signature }, keyHash: pc.keyHash() };
    const answer = await call("POST", `/invites/${invitation.id}/join`, { headers: { authorization: "" }, body });
    expect(answer.status).toBe(400);
    expect((await machineListFor(mac)).machines).toHaveLength(1);
  });
});

describe("the last owner", () => {
  it("cannot take itself out until there is another one", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const refused = await problemOf(await extend(mac, { type: "revoke", machine: mac.fingerprint }));
    expect(refused).toMatchObject({ status: 400, error: expect.stringContaining("last owner") });
    await extend(mac, { type: "owner", machine: pc.fingerprint });
    expect((await extend(mac, { type: "revoke", machine: mac.fingerprint })).status).toBe(201);
    expect((await extend(pc, { type: "revoke", machine: pc.fingerprint })).status).toBe(400);
  });
});

describe("an entry", () => {
  it("is added by the machine alone that signs it", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const entry = await mac.entry(await machineListFor(mac), { type: "lock" });
    expect(await problemOf(await callAs(pc, "POST", "/roster", { entry }))).toMatchObject({ code: "forbidden" });
    expect(await problemOf(await call("POST", "/roster", { body: { entry } }))).toMatchObject({ code: "forbidden" });
    expect((await machineListFor(mac)).isLocked).toBe(false);
  });

  it.each([
    ["locks", { type: "lock" }],
    ["makes an owner", { type: "owner" }],
    ["takes another out", { type: "revoke" }],
  ])("of a machine that is no owner, and %s, is refused", async (_, change) => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const about = change.type === "lock" ? {} : { machine: mac.fingerprint };
    expect((await extend(pc, { ...change, ...about })).status).toBe(400);
    const owner = await joined("box", mac, true);
    const aboutPc = change.type === "lock" ? {} : { machine: pc.fingerprint };
    expect((await extend(owner, { ...change, ...aboutPc })).status, "of an owner it is not").toBe(201);
  });

  it("is still known after the object has been put out of memory", async () => {
    const mac = await found();
    await joined("pc", mac);
    await evictDurableObject(bridgeObject());
    expect((await machineListFor(mac)).machines.map(({ name }) => name)).toEqual(["mac", "pc"]);
  });
});

describe("a machine that was revoked", () => {
  it("is out with its next request, and can join again under another name: its own stays reserved", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    expect((await callAs(pc, "GET", "/unread?reader=pc")).status).toBe(200);
    expect((await extend(mac, { type: "revoke", machine: pc.fingerprint })).status).toBe(201);
    const refused = await problemOf(await callAs(pc, "GET", "/unread?reader=pc"));
    expect(refused).toMatchObject({ status: 401, error: expect.stringContaining("revoked") });
    await expect(joined("PC", mac)).rejects.toThrow("had this name");
    const again = await joined("pc-2", mac);
    expect((await callAs(again, "GET", "/unread?reader=pc-2")).status).toBe(200);
    expect(machineNamed(await machineListFor(mac), "pc-2")?.fingerprint).toBe(again.fingerprint);
    expect(await problemOf(await extend(mac, { type: "rename", name: "pc" }))).toMatchObject({ code: "conflict" });
    for (const [method, path, body] of [
      ["GET", "/unread?reader=pc", undefined],
      ["POST", "/messages", { content: "hi from pc", from: "pc" }],
    ] as const) {
      expect(await problemOf(await call(method, path, { body })), path).toMatchObject({ code: "forbidden" });
    }
  });

  it("cannot come back by an invitation of its own, which shows the list to nobody any more", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const invitation = await invite(pc);
    expect((await open(invitation.id)).status).toBe(200);
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    expect((await open(invitation.id)).status).toBe(403);
    const thief = await JoiningMachine.make("thief");
    const refused = await join(thief, invitation, await machineListFor(mac));
    expect(await problemOf(refused)).toMatchObject({ status: 403, code: "forbidden" });
    expect((await callAs(thief, "GET", "/unread?reader=thief")).status).toBe(401);
  });

  it("signs nothing any more", async () => {
    const mac = await found();
    const pc = await joined("pc", mac, true);
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    expect((await extend(pc, { type: "lock" }).catch(() => null))?.status ?? 401).toBe(401);
  });
});
