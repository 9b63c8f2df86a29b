import { rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { saveUnread } from "../../client/unread-cache.ts";
import { macMailbox } from "../testing/mac-mailbox.ts";
import { PollingArrivals } from "./polling-arrivals.ts";

const START_MS = Date.parse("2026-11-23T10:00:00Z");
let now = START_MS;
const mac = macMailbox(() => now);

/** What happens while it waits, at so many milliseconds after the start. */
let events: { readonly at: number; readonly run: () => unknown }[];
const at = (atMs: number, run: () => unknown) => events.push({ at: atMs, run });
beforeEach(() => {
  now = START_MS;
  events = [];
});

/** Waiting is what moves the clock. After ten minutes without news it is over. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  now += ms;
  if (now - START_MS > 10 * 60_000) throw new Error("Nothing came.");
  for (const event of events.splice(0)) {
    if (event.at <= now - START_MS) await event.run();
    else events.push(event);
  }
}

const open = () => new PollingArrivals(mac.mailbox, mac.paths, { now: () => now, pause });
const idle = new AbortController().signal;
const asked = () => mac.bridge.requests.filter(({ url }) => url.startsWith("/unread")).length;
/** @returns seconds since the start */
async function nextOf(arrivals: PollingArrivals): Promise<number> {
  await arrivals.next(idle);
  return (now - START_MS) / 1000;
}

describe("asking again and again", () => {
  it("returns at once the first time, then when something came, having asked every half minute with the last ETag", async () => {
    const arrivals = open();
    expect(await nextOf(arrivals)).toBe(0);
    at(70_000, () => mac.bridge.receive({}));
    expect(await nextOf(arrivals)).toBe(90);
    expect(mac.bridge.requests.map(({ knownEtag }) => knownEtag !== undefined)).toEqual([false, true, true, true]);
  });

  it("tells of it once more with the next answer, because a list may be further behind than the count", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    at(10_000, () => mac.bridge.receive({}));
    expect([await nextOf(arrivals), await nextOf(arrivals)]).toEqual([30, 60]);
    await expect(arrivals.next(idle)).rejects.toThrow("Nothing came.");
  });

  it("hears of a message that replaces another in every count, and of one that is older than the newest", async () => {
    const { bridge } = mac;
    bridge.receive({ timestamp: "2026-11-23T09:59:00Z" });
    const arrivals = open();
    await arrivals.next(idle);
    at(1_000, () => {
      bridge.messages = bridge.messages.map((message) => ({ ...message, read: true }));
      bridge.receive({ timestamp: "2026-11-23T09:58:00Z" });
    });
    expect(await nextOf(arrivals)).toBe(30);
  });

  it("hears of a message that was read here before it was asked", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    at(1_000, async () => {
      const { id } = mac.bridge.receive({});
      await mac.mailbox.markRead([id]);
    });
    expect(await nextOf(arrivals)).toBe(30);
  });

  it("leaves the asking to whoever leads here, and takes its answers within a second", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    for (let seconds = 20; seconds <= 110; seconds += 30) at(seconds * 1000, () => mac.mailbox.check());
    at(100_000, () => mac.bridge.receive({}));
    expect(await nextOf(arrivals)).toBe(110);
    expect(asked()).toBe(5); // its own first one, and the leader's four
  });

  it("asks itself when the leader is gone", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    at(20_000, () => mac.mailbox.check());
    at(40_000, () => mac.bridge.receive({}));
    expect(await nextOf(arrivals)).toBe(55); // 30 seconds and the leader's 5 after the last answer
  });

  it("does not take the answer of another bridge for this one's", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    const group = {
      from: "pc",
      kind: "note",
      unread: 1,
      latest: { id: "1", timestamp: "2026-11-23T10:00:00Z" },
    } as const;
    const tag = { etag: '"x"', workerUrl: "https://other.example", askedAt: START_MS };
    at(10_000, () => saveUnread(mac.paths, mac.mailbox.self, { unread: 1, handovers: 0, groups: [group] }, now, tag));
    await expect(arrivals.next(idle)).rejects.toThrow("Nothing came.");
  });

  it("says that the bridge cannot be asked, tries at once when it is called again, and looks anew after that", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    at(5_000, () => mac.bridge.stop());
    await expect(arrivals.next(idle)).rejects.toMatchObject({ code: "offline" });
    await expect(arrivals.next(idle)).rejects.toMatchObject({ code: "offline" });
    await mac.bridge.restart();
    expect([await nextOf(arrivals), await nextOf(arrivals)]).toEqual([30, 60]);
    await expect(arrivals.next(idle)).rejects.toThrow("Nothing came.");
  });

  it("asks no more often on a disk that takes nothing", async () => {
    const home = dirname(mac.paths.unread);
    rmSync(home, { recursive: true, force: true });
    writeFileSync(home, "");
    const arrivals = open();
    await arrivals.next(idle);
    at(50_000, () => mac.bridge.receive({}));
    expect(await nextOf(arrivals)).toBe(60);
    expect(asked()).toBe(3);
  });

  it("goes on when the clock was set back by a day", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    at(10_000, () => {
      now -= 24 * 60 * 60_000;
      mac.bridge.receive({});
    });
    await arrivals.next(idle);
    expect(now).toBeLessThan(START_MS);
    expect(asked()).toBe(2);
  });

  it("ends with the reason of the signal", async () => {
    const arrivals = open();
    await arrivals.next(idle);
    const controller = new AbortController();
    at(3_000, () => controller.abort(new Error("over")));
    await expect(arrivals.next(controller.signal)).rejects.toThrow("over");
  });
});
