import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { WAKE_EVERY_MS, WAKES_A_DAY, type WakeBatch, WakeLedger } from "../../client/wake/wake-ledger.ts";
import { Channel } from "./channel.ts";
import type { WakeNews } from "./wake-news.ts";

const DAY_MS = 24 * 60 * 60_000;

let home: string;
let time: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon channel "));
  time = new Date(2026, 10, 24, 12).getTime();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const now = () => time;
const ledger = () => new WakeLedger(photonPaths({ PHOTON_HOME: home }), "channel", now, now);
/** The ledger, as another session's process sees it. */
const channel = () => new Channel(ledger(), () => undefined, now);
let sent = 0;
/** A message that has just arrived. */
const came = (id: string): WakeBatch => ({
  reader: "mac/photon",
  messages: [{ id, timestamp: new Date(Date.UTC(2026, 10, 24) + ++sent).toISOString() }],
});
const news = (batch: WakeBatch): WakeNews => ({
  line: "Photon mailbox: …",
  what: "note from pc",
  kind: "note",
  from: "pc",
  covers: { upTo: "2026-11-24T09:00:00.000Z" },
  batch,
  groups: ["note from pc"],
});

describe("a channel that has started no turn yet", () => {
  it("does not use up the limits of other sessions", () => {
    const [deaf, other] = [channel(), channel()];
    expect([deaf.take(came("a"), "x"), other.take(came("a"), "x")]).toEqual(["granted", "granted"]);
    expect(ledger().read().inDay).toBe(0);
  });

  it("sends at most one text in two minutes, and thirty in 24 hours", () => {
    const deaf = channel();
    expect(deaf.take(came("a"), "x")).toBe("granted");
    time += WAKE_EVERY_MS - 1;
    expect(deaf.take(came("b"), "x")).toBe("too soon");
    time += 1;
    const rest = Array.from({ length: WAKES_A_DAY - 1 }, (_, index) => {
      const permission = deaf.take(came(`${index}`), "x");
      time += WAKE_EVERY_MS;
      return permission;
    });
    expect(new Set(rest)).toEqual(new Set(["granted"]));
    expect(deaf.take(came("c"), "x")).toBe("enough for a day");
    time += DAY_MS;
    expect(deaf.take(came("c"), "x")).toBe("granted");
  });
});

describe("a channel that has started a turn", () => {
  it("shares its limits with every session of the machine, and sends nothing twice", () => {
    const heard = channel();
    const [a, b, c] = [came("a"), came("b"), came("c")];
    heard.take(a, "x");
    heard.wasHeard(news(a));
    const other = channel();
    expect(other.take(a, "x")).toBe("known");
    other.take(b, "x");
    other.wasHeard(news(b));
    time += WAKE_EVERY_MS;
    expect([heard.take(c, "x"), other.take(c, "x")]).toEqual(["granted", "known"]);
    expect(other.take(came("d"), "x")).toBe("too soon");
    expect(ledger().read()).toMatchObject({ inDay: 3, ids: ["a", "b", "c"] });
  });
});
