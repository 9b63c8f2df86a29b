import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchUnread } from "../../client/bridge/fetch-unread.ts";
import { parseUnread } from "../../client/bridge/parse-unread.ts";
import { UnreadSummary } from "../../contract/api.ts";
import { MAX_UNREAD_GROUPS, MESSAGE_KINDS } from "../../contract/constants.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let pc: TestMachine;
beforeAll(async () => {
  bridge = await RealBridge.start();
  pc = bridge.machine("pc");
});
afterAll(() => bridge.stop());

/** The parts of a summary that the hooks use, parsed by the contract's schema. */
function byContract(value: unknown) {
  const { unread, handovers, groups } = UnreadSummary.parse(value);
  return {
    unread,
    handovers,
    groups: groups.map(({ from, kind, session, broadcast, unread: count, latest: { id, timestamp }, withCapsule }) => ({
      from,
      kind,
      ...(session === undefined ? {} : { session }),
      ...(broadcast === undefined ? {} : { broadcast }),
      unread: count,
      latest: { id, timestamp },
      ...(withCapsule && { withCapsule: { id: withCapsule.id, timestamp: withCapsule.timestamp } }),
    })),
  };
}

async function rawUnread(reader: string): Promise<unknown> {
  const url = `${bridge.url}/unread?reader=${encodeURIComponent(reader)}`;
  return (await fetch(url, { headers: { authorization: `Bearer ${bridge.key}` } })).json();
}

describe("the summary that the hooks read without zod", () => {
  it("is empty if nothing is unread", async () => {
    expect(await fetchUnread(pc.config, new Set(), 5_000)).toEqual({ unread: 0, handovers: 0, groups: [] });
    expect(await fetchUnread(pc.config, new Set(), 5_000)).toEqual(byContract(await rawUnread("pc/photon")));
  });

  it("equals the contract's for every kind, for messages from this machine and for more senders than fit", async () => {
    const senders = Array.from({ length: MAX_UNREAD_GROUPS }, (_, index) => `m${index}`);
    for (const from of senders) await bridge.api.call("sendMessage", { body: { content: "x", from, kind: "task" } });
    for (const kind of MESSAGE_KINDS) {
      await bridge.api.call("sendMessage", { body: { content: "x", from: "mac", kind, to: "pc/photon" } });
    }
    await bridge.api.call("sendMessage", { body: { content: "x", from: "PC", session: "s-1", to: "pc" } });

    const summary = await fetchUnread(pc.config, new Set(), 5_000);
    expect(summary).toEqual(byContract(await rawUnread("pc/photon")));
    expect(summary).toMatchObject({ unread: MAX_UNREAD_GROUPS + MESSAGE_KINDS.length + 1, handovers: 1 });
    expect(summary.groups).toHaveLength(MAX_UNREAD_GROUPS);
    expect(summary.groups[0]).toMatchObject({ from: "PC", session: "s-1" });
  });

  it("does not count messages that were marked read here while the bridge was unreachable, and the bridge is told", async () => {
    const lamp = bridge.machine("lamp");
    for (const content of ["one", "two", "three"]) {
      await bridge.api.call("sendMessage", { body: { content, from: "mac", to: "lamp" } });
    }
    const [, two, one] = (await lamp.mailbox.inbox.list({ unread: "true", from: "mac" })).messages.map(({ id }) => id);
    const before = (await fetchUnread(lamp.config, new Set(), 5_000)).unread;
    await fetchUnread(lamp.config, new Set([one ?? "", two ?? ""]), 5_000);
    expect((await fetchUnread(lamp.config, new Set(), 5_000)).unread).toBe(before - 2);
  });

  it("equals the contract's for every answer that the contract allows, even from a newer bridge", () => {
    const unknown = fc.dictionary(fc.constantFrom("later", "more"), fc.jsonValue());
    const kind = fc.oneof(fc.constantFrom<unknown>(...MESSAGE_KINDS), fc.string(), fc.constant(7));
    const timestamp = fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true });
    const latest = fc.record({ id: fc.string(), timestamp: timestamp.map((date) => date.toISOString()) });
    const withCapsule = fc.oneof(latest, fc.constantFrom<unknown>(null, 7, {}, { id: 7 }));
    const group = fc
      .record(
        { from: fc.string(), kind, unread: fc.nat(), latest, withCapsule, session: fc.string() },
        { requiredKeys: [] },
      )
      .chain((fields) => unknown.map((more) => ({ ...more, ...fields })))
      .filter((fields) => "from" in fields && "unread" in fields && "latest" in fields);
    const summary = fc
      .record(
        { unread: fc.nat(), handovers: fc.nat(), groups: fc.array(group) },
        { requiredKeys: ["unread", "handovers"] },
      )
      .chain((fields) => unknown.map((more) => ({ ...more, ...fields })));
    fc.assert(
      fc.property(summary, (value) => {
        expect(parseUnread(value)).toEqual(byContract(value));
      }),
    );
  });
});
