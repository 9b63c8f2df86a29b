import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sentStatus } from "../../client/mail/sent-status.ts";
import { noteKilled } from "../../client/sessions/session-state.ts";
import { unreadFor } from "../../client/text/announcement.ts";
import { tellable } from "../../client/text/tellable-mail.ts";
import { MAX_UNREAD_GROUPS } from "../../contract/constants.ts";
import { findHandover } from "../../handover/resume/find-handover.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let mac: TestMachine;
let pc: TestMachine;
beforeAll(async () => {
  bridge = await RealBridge.start();
  mac = await bridge.member("mac");
  pc = await bridge.member("pc", { by: mac });
});
afterAll(() => bridge.stop());

/** What a session on a machine counts, and what `photon inbox` lists. */
async function unreadOn({ mailbox, paths }: TestMachine): Promise<{ count: number; listed: string[] }> {
  const summary = tellable(await mailbox.unread.fetch(), paths, mailbox.config);
  const { messages } = await mailbox.inbox.list({ unread: "true" });
  return { count: unreadFor(summary, "new-session"), listed: messages.map(({ content }) => content) };
}

const send = (
  { mailbox }: TestMachine,
  content: string,
  more: { to: string | null; kind?: "handover"; session?: string },
) => mailbox.outbox.send({ content, ...more });

it("a message of a machine that was just renamed is verified", async () => {
  const vm = await bridge.member("vm", { by: mac });
  await mac.mailbox.membership?.machineList(0); // mac's copy is fresh, and has the old name
  await vm.mailbox.membership?.extend({ type: "rename", name: "mini" });
  Object.assign(vm.config, { machine: "mini" });
  await send(vm, "under my new name", { to: "mac" });
  const [message] = (await mac.mailbox.inbox.list({ unread: "true" })).messages;
  expect(message).toMatchObject({ from: "mini/photon", content: "under my new name", origin: { state: "verified" } });
  await mac.mailbox.receipts.markRead([message?.id ?? ""]);
});

it("says of a message to a machine that left that it left", async () => {
  const vm = await bridge.member("gone", { by: mac });
  await mac.mailbox.membership?.machineList(0);
  await send(mac, "too late", { to: "gone" });
  await vm.mailbox.membership?.extend({ type: "revoke", machine: vm.mailbox.membership.keys.fingerprint });
  const [status] = await sentStatus(mac.mailbox, mac.paths, 1, Date.now());
  expect(status?.line).toMatch(/^gone: left .*, before it read this$/);
});

describe("what a machine left itself", () => {
  it("is not unread there if it was for every machine, and is unread on the others", async () => {
    await send(mac, "to everyone", { to: null, session: "old-session" });
    await send(mac, "to the project", { to: "*/photon" });
    await send(mac, "to myself", { to: "mac", session: "old-session" });
    expect(await unreadOn(mac)).toEqual({ count: 1, listed: ["to myself"] });
    expect(await unreadOn(pc)).toEqual({ count: 2, listed: ["to the project", "to everyone"] });
  });

  it("is not offered there if it is a handover, unless its session was killed", async () => {
    await send(mac, "handed over", { to: "*/photon", kind: "handover", session: "ended" });
    expect(await unreadOn(mac)).toMatchObject({ count: 1 });
    expect(await findHandover(mac.mailbox, { session: "new-session" })).toBeNull();
    expect(await findHandover(pc.mailbox, { session: "new-session" })).toMatchObject({ content: "handed over" });
    expect(await findHandover(mac.mailbox, { session: null, from: "mac" })).toMatchObject({ content: "handed over" });

    noteKilled(mac.paths, "ended");
    expect(await unreadOn(mac)).toEqual({ count: 2, listed: ["handed over", "to myself"] });
    expect(await findHandover(mac.mailbox, { session: "new-session" })).toMatchObject({ content: "handed over" });
  });

  it("neither counts nor hides others' mail, however many sessions left a handover", async () => {
    const desk = await bridge.member("desk", { by: mac });
    await send(mac, "for the desk", { to: "desk" });
    for (let each = 0; each < MAX_UNREAD_GROUPS + 10; each++)
      await send(desk, `handover ${each}`, { to: "*/photon", kind: "handover", session: `session-${each}` });
    const { unread, handovers, groups } = await desk.mailbox.unread.fetch();
    const sum = (kind?: string) =>
      groups.reduce((all, group) => all + (kind === undefined || group.kind === kind ? group.unread : 0), 0);
    expect([unread, handovers]).toEqual([sum(), sum("handover")]);
    expect(groups.map(({ from }) => from)).not.toContain("desk/photon");
    expect(groups.some(({ from, kind }) => from === "mac/photon" && kind === "note")).toBe(true);
  });

  it("is recognised after the machine was renamed", async () => {
    await pc.mailbox.membership?.extend({ type: "rename", name: "box" });
    const { inbox } = pc.mailbox;
    const senders = ["box/photon", "PC", "pc/lamp", "mac/photon", "not an address"];
    expect(senders.map((from) => inbox.isFromHere({ from }))).toEqual([true, true, true, false, false]);
  });

  it("is neither unread nor offered, whether it is for itself or the project, also under its former name", async () => {
    const desk = await bridge.member("attic", { by: mac });
    const unread = async () => (await desk.mailbox.inbox.list({ unread: "true" })).messages.map(({ id }) => id);
    for (let ids = await unread(); ids.length > 0; ids = await unread()) await desk.mailbox.receipts.markRead(ids);
    const handover = { kind: "handover", session: "ended" } as const;
    await mac.mailbox.membership?.machineList(0); // mac's copy has the new machine
    await send(mac, "for the attic", { to: "attic", ...handover });
    await send(desk, "for me", { to: "attic", ...handover });
    await send(desk, "for my project", { to: "attic/photon", ...handover });
    await send(desk, "for the project", { to: "*/photon", ...handover });
    await send(desk, "from no session", { to: "*/photon", kind: "handover" });
    const nothingNew = async () => {
      expect(await unreadOn(desk)).toEqual({ count: 1, listed: ["for the attic"] });
      const { groups } = tellable(await desk.mailbox.unread.fetch(), desk.paths, desk.config);
      expect(groups.filter(({ sender }) => /^(attic|loft)/.test(sender))).toEqual([]);
      expect(await findHandover(desk.mailbox, { session: "new-session" })).toMatchObject({ from: "mac/photon" });
    };
    await nothingNew();
    await desk.mailbox.membership?.extend({ type: "rename", name: "loft" });
    Object.assign(desk.config, { machine: "loft" });
    await nothingNew();
  });
});
