import { describe, expect, it } from "vitest";
import type { Message } from "../../contract/message.ts";
import { macMailbox } from "../../test/support/cli/mac-mailbox.ts";
import { NewMessages, type Wanted } from "./new-messages.ts";

const mac = macMailbox();

/** This many minutes from now, as the bridge would stamp it. */
const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
const receive = (content: string, more: Readonly<Record<string, unknown>> = {}) =>
  mac.bridge.receive({ content, timestamp: minutes(0), ...more });
const contents = (messages: readonly Message[]) => messages.map(({ content }) => content);
const open = (wanted: Partial<Wanted> = {}, now: () => number = Date.now) =>
  new NewMessages(mac.mailbox, { isOwnWanted: false, isUnreadWanted: false, ...wanted }, now);

describe("new messages", () => {
  it("are those that arrive after the start, each once, oldest first", async () => {
    receive("before", { timestamp: minutes(-1) });
    const messages = open();
    expect(await messages.take()).toEqual([]);
    receive("one", { timestamp: minutes(1) });
    receive("two", { timestamp: minutes(2) });
    expect(contents(await messages.take())).toEqual(["one", "two"]);
    expect(await messages.take()).toEqual([]);
  });

  it("are requested from the newest known one on", async () => {
    const messages = open();
    await messages.take();
    const { timestamp } = receive("young", { timestamp: minutes(10) });
    await messages.take();
    await messages.take();
    const [last] = mac.bridge.requests.filter(({ url }) => url.startsWith("/messages?")).slice(-1);
    expect(new URL(last?.url ?? "", mac.bridge.url).searchParams.get("since")).toBe(timestamp);
  });

  it("include one whose text was unavailable at first, and none of the others twice", async () => {
    const messages = open();
    await messages.take();
    const late = receive("late", { timestamp: minutes(1) });
    receive("young", { timestamp: minutes(2) });
    mac.bridge.unavailable = [late.id];
    expect(contents(await messages.take())).toEqual(["young"]);
    receive("younger", { timestamp: minutes(3) });
    mac.bridge.unavailable = [];
    expect(contents(await messages.take())).toEqual(["late", "younger"]);
    expect(await messages.take()).toEqual([]);
  });

  it("include one that was unread at the start and whose text was unavailable at first", async () => {
    receive("old", { timestamp: minutes(-10) });
    const late = receive("old and late", { timestamp: minutes(-9) });
    mac.bridge.unavailable = [late.id];
    const messages = open({ isUnreadWanted: true });
    expect(contents(await messages.take())).toEqual(["old"]);
    mac.bridge.unavailable = [];
    expect(contents(await messages.take())).toEqual(["old and late"]);
    expect(await messages.take()).toEqual([]);
  });

  it("include one that a session here has read already, and are not marked read", async () => {
    const messages = open();
    await messages.take();
    receive("read by a session", { read: true, timestamp: minutes(1) });
    receive("unread", { timestamp: minutes(2) });
    expect(contents(await messages.take())).toEqual(["read by a session", "unread"]);
    expect(mac.bridge.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("begin with all unread messages, however old, if these are wanted", async () => {
    receive("old", { timestamp: "2026-10-30T09:00:00Z" });
    receive("read", { read: true, timestamp: minutes(-2) });
    receive("new", { timestamp: minutes(-1) });
    const messages = open({ isUnreadWanted: true });
    expect(contents(await messages.take())).toEqual(["old", "new"]);
    expect(await messages.take()).toEqual([]);
  });

  it("leave out what this machine sent, unless it is wanted", async () => {
    const [plain, all, named] = [open(), open({ isOwnWanted: true }), open({ from: "MAC" })];
    for (const messages of [plain, all, named]) await messages.take();
    receive("note to self", { from: "mac/photon", timestamp: minutes(1) });
    receive("from pc", { timestamp: minutes(1) });
    expect(contents(await plain.take())).toEqual(["from pc"]);
    expect(contents(await all.take())).toEqual(expect.arrayContaining(["note to self", "from pc"]));
    mac.bridge.messages = mac.bridge.messages.map((message) => ({
      ...message,
      from: message.from.replace("mac", "MAC"),
    }));
    expect(contents(await named.take())).toEqual(["note to self"]);
  });

  it("match the wanted sender, kind and tag", async () => {
    const messages = open({ from: "pc", kind: "task", tag: "ci" });
    await messages.take();
    receive("wanted", { kind: "task", tags: ["ci"], timestamp: minutes(1) });
    receive("no task", { tags: ["ci"], timestamp: minutes(1) });
    receive("no tag", { kind: "task", timestamp: minutes(1) });
    receive("from mini", { from: "mini", kind: "task", tags: ["ci"], timestamp: minutes(1) });
    expect(contents(await messages.take())).toEqual(["wanted"]);
  });

  it("include those that arrived before the bridge could be reached, and are not lost while it is away", async () => {
    receive("before", { timestamp: minutes(-30) });
    let now = Date.now() - 10 * 60_000;
    const messages = open({}, () => now); // ten minutes ago
    await mac.bridge.stop();
    await expect(messages.take()).rejects.toMatchObject({ code: "offline" });
    receive("meanwhile", { timestamp: minutes(-5) });
    await mac.bridge.restart();
    now = Date.now();
    expect(contents(await messages.take())).toEqual(["meanwhile"]);
    receive("later", { timestamp: minutes(1) });
    mac.bridge.behaviour = "has spent its quota";
    await expect(messages.take()).rejects.toMatchObject({ code: "store_unavailable" });
    mac.bridge.behaviour = "normal";
    expect(contents(await messages.take())).toEqual(["later"]);
  });

  it("are found by the bridge's clock, however wrong this machine's clock is", async () => {
    mac.bridge.clockAheadMs = -3 * 24 * 60 * 60_000;
    const threeDaysAgo = 3 * 24 * 60;
    receive("before", { timestamp: minutes(-threeDaysAgo - 1) });
    const messages = open();
    expect(await messages.take()).toEqual([]);
    receive("new", { timestamp: minutes(-threeDaysAgo + 1) });
    expect(contents(await messages.take())).toEqual(["new"]);
  });

  it("are read from all pages", async () => {
    const messages = open();
    await messages.take();
    for (let count = 0; count < 250; count++) receive(`${count}`, { timestamp: minutes(count / 100) });
    expect(contents(await messages.take())).toEqual(Array.from({ length: 250 }, (_, count) => `${count}`));
  });
});
