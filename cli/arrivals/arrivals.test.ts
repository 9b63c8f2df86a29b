import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { macMailbox } from "../../test/support/cli/mac-mailbox.ts";
import { SignalledArrivals } from "./arrivals.ts";

const mac = macMailbox();

let arrivals: SignalledArrivals;
afterEach(() => {
  arrivals.close();
  mac.bridge.opensSockets = false;
});

const never = new AbortController().signal;

/** Whether `next` returns within this time. */
async function isNewsIn(ms: number): Promise<boolean> {
  const enough = new AbortController();
  const news = arrivals.next(enough.signal).then(
    () => true,
    () => false,
  );
  const isNews = await Promise.race([news, sleep(ms, false)]);
  enough.abort(new Error("enough"));
  return isNews;
}

describe("a command that waits for mail", () => {
  it("checks once at the start, once when its socket opens, and then when the bridge signals", async () => {
    mac.bridge.opensSockets = true;
    arrivals = new SignalledArrivals(mac.mailbox);
    await arrivals.next(never);
    await arrivals.next(never); // mail that arrived before the socket was open
    expect(await isNewsIn(100)).toBe(false);
    mac.bridge.receive({});
    await arrivals.next(never);
    expect(await isNewsIn(100)).toBe(false);
  });

  it("checks again after a signal that came between two calls", async () => {
    mac.bridge.opensSockets = true;
    arrivals = new SignalledArrivals(mac.mailbox);
    await arrivals.next(never);
    await arrivals.next(never);
    mac.bridge.receive({});
    await mac.bridge.heard();
    expect(await isNewsIn(1_000)).toBe(true);
  });

  it("polls if no socket can be opened", async () => {
    arrivals = new SignalledArrivals(mac.mailbox, 50);
    for (let look = 0; look < 5; look++) await arrivals.next(never);
    expect(mac.bridge.openSockets).toBe(0);
  });

  it("ends with the reason of the abort signal", async () => {
    arrivals = new SignalledArrivals(mac.mailbox);
    await arrivals.next(never);
    await arrivals.next(never); // the first socket could not be opened
    const reason = new Error("timeout");
    await expect(arrivals.next(AbortSignal.abort(reason))).rejects.toBe(reason);
    const later = new AbortController();
    const waiting = arrivals.next(later.signal);
    later.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
