import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ApiClient } from "../../client/bridge/api-client.ts";
import { deliverCapsule, fetchCapsule, keepCapsule } from "../../client/bridge/capsule-delivery.ts";
import { piecesOf } from "../../client/bridge/capsule-parts.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { destinationOf } from "../../client/mail/destination.ts";
import { Mailbox } from "../../client/mail/mailbox.ts";
import { enqueue } from "../../client/mail/outbox-folder.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

const MIB = 1024 * 1024;

let bridge: RealBridge;
beforeAll(async () => {
  bridge = await RealBridge.start();
});
afterAll(() => bridge.stop());
beforeEach(() => bridge.api.call("clearMessages", { query: { confirm: "true" } }));

const ID = () => crypto.randomUUID();
/** Queues a handover with a capsule as `handover/publish` does. */
function handOver({ config, paths }: TestMachine, capsule: Buffer, id = ID(), isAutomatic = false) {
  const work = { branch: "main", files: 2, capsule: keepCapsule(paths, capsule) };
  const about = { id, from: "mac/photon", to: "*/photon", project: "photon", kind: "handover" } as const;
  enqueue(paths, { ...about, content: "Go on.", work }, destinationOf(config, paths), { isAutomatic });
  return { id, ref: work.capsule };
}

describe("a capsule", () => {
  it.each([1, MIB, MIB + 1, 10 * MIB])("of %d bytes arrives unchanged and is then deleted here", async (size) => {
    const [mac, pc] = [bridge.machine("mac"), bridge.machine("pc")];
    const capsule = randomBytes(size);
    const { id, ref } = handOver(mac, capsule);
    expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored" });
    expect(readdirSync(mac.paths.outbox)).toEqual([]);
    const { work } = await pc.mailbox.inbox.get(id);
    expect(work).toEqual({ branch: "main", files: 2, capsule: ref });
    expect(await pc.mailbox.inbox.capsule(await pc.mailbox.inbox.get(id))).toEqual(capsule);
    expect((await pc.mailbox.unread.fetch()).groups[0]?.latest).toMatchObject({ work });
  });

  it("between joined machines is encrypted, and the bridge has none of its content", async () => {
    const own = await RealBridge.start();
    try {
      const mac = await own.member("mac");
      const pc = await own.member("pc", { by: mac });
      await mac.mailbox.membership?.machineList(0);
      const capsule = randomBytes(2 * MIB + 5);
      const { id, ref } = handOver(mac, capsule);
      expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored", encryptedFor: ["mac", "pc"] });
      const message = await pc.mailbox.inbox.get(id);
      expect(message.work).toEqual({ branch: "main", files: 2, capsule: ref });
      expect(await pc.mailbox.inbox.capsule(message)).toEqual(capsule);
      const api = own.client(pc.config.apiKey);
      await expect(api.call("getCapsule", { sha256: ref.sha256 })).rejects.toMatchObject({ code: "not_found" });
      const encrypted = (await api.call("getMessage", { id })).work?.capsule;
      expect(encrypted).toEqual(message.encryptedCapsule);
      const notes = [`${ref.sha256}.sealed.json`, `${encrypted?.sha256}.stored`]; // of what need not be sent again
      expect(readdirSync(mac.paths.outbox).sort()).toEqual(notes.sort());
    } finally {
      await own.stop();
    }
  });

  describe("of work that a joined machine hands over again", () => {
    let own: RealBridge;
    let mac: TestMachine;
    let pc: TestMachine;
    beforeAll(async () => {
      own = await RealBridge.start();
      mac = await own.member("mac");
      pc = await own.member("pc", { by: mac });
    }, 60_000);
    afterAll(() => own.stop());

    /** Delivers a handover of mac's. @param limit - the answer to each upload; null for the bridge's own */
    async function delivered(capsule: Buffer, limit: PhotonError | null = null, isAutomatic = true) {
      const uploads: string[] = [];
      const api = own.client(mac.config.apiKey);
      const counting: ApiClient = Object.create(api, {
        call: {
          value: async (name: "putCapsule", input: { sha256: string; body: Uint8Array }) => {
            if (name === "putCapsule" && limit !== null) throw limit;
            if (name === "putCapsule") uploads.push(input.sha256);
            return api.call(name, input);
          },
        },
      });
      const mailbox = new Mailbox(mac.config, mac.paths, { api: counting });
      const { id } = handOver(mac, capsule, ID(), isAutomatic);
      const delivery = await mailbox.outbox.deliver(id);
      return { id, delivery, uploads };
    }

    it("is not uploaded again on the same day, while it and its recipients are the same", async () => {
      const work = randomBytes(MIB + 10);
      expect((await delivered(work)).uploads).toHaveLength(3);
      const again = await delivered(work);
      expect(again).toMatchObject({ uploads: [], delivery: { state: "stored", encryptedFor: ["mac", "pc"] } });
      expect(await pc.mailbox.inbox.capsule(await pc.mailbox.inbox.get(again.id))).toEqual(work);
      expect((await delivered(randomBytes(10))).uploads).toHaveLength(1);

      const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
      for (const name of readdirSync(mac.paths.outbox).filter((each) => each.endsWith(".stored")))
        utimesSync(join(mac.paths.outbox, name), yesterday, yesterday);
      expect((await delivered(work)).uploads).toHaveLength(3);
      await own.member("lamp", { by: mac });
      const withLamp = await delivered(work);
      expect(withLamp).toMatchObject({ delivery: { encryptedFor: ["mac", "pc", "lamp"] } });
      expect(withLamp.uploads).toHaveLength(3);
    });

    it("is sent by two sessions of one folder, although the first removes its bytes here", async () => {
      const work = randomBytes(1_000);
      const [first, second] = [handOver(mac, work), handOver(mac, work)];
      await mac.mailbox.outbox.deliver(first.id);
      await mac.mailbox.outbox.deliver(second.id);
      expect(await pc.mailbox.inbox.capsule(await pc.mailbox.inbox.get(second.id))).toEqual(work);
    });

    it("stays here, and the handover says so, if the bridge has no room; both wait if a person asked for it", async () => {
      const limit = new PhotonError("quota_exceeded", "This machine already stores 256 MB on the bridge.");
      const { id, delivery } = await delivered(randomBytes(10), limit);
      expect(delivery).toMatchObject({ state: "stored" });
      const { work, content } = await pc.mailbox.inbox.get(id);
      expect(work).toEqual({ branch: "main", files: 2 });
      expect(content).toMatch(/The capsule was not sent: .*has no room for it.* The work is still on mac\./);
      const asked = await delivered(randomBytes(10), limit, false);
      expect(asked.delivery).toMatchObject({ state: "queued", code: "quota_exceeded" });
    });
  });

  it("stays queued with its message while the bridge is unreachable; stored parts are not sent again", async () => {
    const mac = bridge.machine("mac");
    const capsule = randomBytes(3 * MIB);
    const { id, ref } = handOver(mac, capsule);
    const [first, ...rest] = piecesOf(capsule).pieces;
    const sent: string[] = [];
    const flaky = Object.create(bridge.api, {
      call: {
        value: (name: "putCapsule", input: { sha256: string; body: Uint8Array }) => {
          if (sent.length === 1) throw new TypeError("cut off");
          sent.push(input.sha256);
          return bridge.api.call(name, input);
        },
      },
    });
    await expect(deliverCapsule(mac.paths, flaky, ref, () => undefined)).rejects.toThrow("cut off");
    expect(sent).toEqual([first?.sha256]);
    await bridge.kill();
    expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({ state: "queued" });
    await bridge.restart();
    const again: string[] = [];
    const counting = Object.create(bridge.api, {
      call: {
        value: (name: "putCapsule", input: { sha256: string; body: Uint8Array }) => {
          again.push(input.sha256);
          return bridge.api.call(name, input);
        },
      },
    });
    expect(await deliverCapsule(mac.paths, counting, ref, () => undefined)).toBe(true);
    expect(again).toEqual(rest.map(({ sha256 }) => sha256));
    expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored" });
    expect(await fetchCapsule(bridge.api, ref)).toEqual(capsule);
  });

  it("that this disk lost is not announced: its message is sent without it and says so", async () => {
    const mac = bridge.machine("mac");
    const { id, ref } = handOver(mac, Buffer.from("a capsule that is lost"));
    rmSync(join(mac.paths.outbox, `${ref.sha256}.capsule`));
    expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored" });
    const { work, content } = await mac.mailbox.inbox.get(id);
    expect(work).toEqual({ branch: "main", files: 2 });
    expect(content).toContain("The capsule was not sent");
  });

  it("is refused if the bytes do not match the hash", async () => {
    const capsule = randomBytes(2 * MIB);
    const { sha256, pieces } = piecesOf(capsule);
    for (const piece of pieces) await bridge.api.call("putCapsule", { sha256: piece.sha256, body: piece.bytes });
    await expect(fetchCapsule(bridge.api, { sha256, bytes: capsule.length - 1 })).rejects.toMatchObject({
      code: "internal",
    });
    await expect(fetchCapsule(bridge.api, { sha256: "0".repeat(64), bytes: 1 })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("does not delay a later message", async () => {
    const mac = bridge.machine("mac");
    const { id } = handOver(mac, randomBytes(100));
    expect(await mac.mailbox.outbox.send({ content: "quick", to: "pc" })).toMatchObject({ state: "stored" });
    expect(mac.mailbox.outbox.waiting).toBe(1);
    expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored" });
  });
});

describe("resuming", () => {
  it("marks the handover as read here at once, visible to the sender and all other machines", async () => {
    const [mac, pc, laptop] = ["mac", "pc", "laptop"].map((name) => bridge.machine(name));
    if (!mac || !pc || !laptop) throw new Error("no machines");
    const { id } = handOver(mac, Buffer.from("x"));
    await mac.mailbox.outbox.deliver(id);
    expect(await pc.mailbox.receipts.noteResumed(id)).toBe(true);
    expect(await pc.mailbox.unread.fetch()).toMatchObject({ unread: 0 });
    expect((await mac.mailbox.inbox.get(id)).receipts).toMatchObject([{ machine: "pc", takenAt: expect.any(String) }]);
    expect((await laptop.mailbox.unread.fetch()).groups[0]?.latest.takenBy).toBe("pc");
  });

  it("is recorded here while the bridge is unreachable, and reported later", async () => {
    const [mac, pc] = [bridge.machine("mac"), bridge.machine("pc")];
    const { id } = handOver(mac, Buffer.from("y"));
    await mac.mailbox.outbox.deliver(id);
    await bridge.kill();
    expect(await pc.mailbox.receipts.noteResumed(id)).toBe(false);
    await bridge.restart();
    await pc.mailbox.receipts.flush();
    expect((await mac.mailbox.inbox.get(id)).receipts?.[0]?.takenAt).toEqual(expect.any(String));
  });
});

it("lost progress of a capsule on a damaged disk only costs another upload", async () => {
  const mac = bridge.machine("mac");
  const ref = keepCapsule(mac.paths, Buffer.from("z"));
  writeFileSync(join(mac.paths.outbox, `${ref.sha256}.stored`), "nonsense\n\0");
  expect(await deliverCapsule(mac.paths, bridge.api, ref, () => undefined)).toBe(true);
  expect(existsSync(join(mac.paths.outbox, `${ref.sha256}.capsule`))).toBe(true);
  expect(readFileSync(join(mac.paths.outbox, `${ref.sha256}.stored`), "utf8")).toContain(ref.sha256);
});
