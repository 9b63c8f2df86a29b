import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { WAKE_EVERY_MS, WAKES_A_DAY, type WakeBatch, WakeLedger } from "./wake-ledger.ts";

const DAY_MS = 24 * 60 * 60_000;

let home: string;
let paths: Paths;
let time: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon wakes "));
  paths = photonPaths({ PHOTON_HOME: home });
  time = new Date(2026, 10, 24, 6).getTime();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The ledger of another session's process, whose monotonic clock has counted no wake. */
const ledger = () => new WakeLedger(paths, "wakes", () => time);
let sent = 0;
/** Messages that just arrived for the sessions of one project. */
const came = (ids: readonly string[], reader = "mac/photon"): WakeBatch => ({
  reader,
  messages: ids.map((id) => ({ id, timestamp: new Date(Date.UTC(2026, 10, 24) + ++sent).toISOString() })),
});
const take = (...ids: string[]) => ledger().take(came(ids), "note from pc");

describe("a wake", () => {
  it("is granted once for a message, whichever session asks", () => {
    expect(take("a")).toBe("granted");
    time += WAKE_EVERY_MS;
    expect(take("a")).toBe("known");
    expect(take("a", "b")).toBe("granted");
  });

  it("is not granted for a message older than one that woke the project, but is for another project", () => {
    const older = came(["a"]);
    expect(take("b")).toBe("granted");
    time += WAKE_EVERY_MS;
    expect(ledger().take(older, "x")).toBe("known");
    expect(ledger().take({ ...older, reader: "mac/other" }, "x")).toBe("granted");
  });

  it("whose turn has not begun is given back: another session gets it, at once", () => {
    take("a");
    time += WAKE_EVERY_MS;
    const [own, batch] = [ledger(), came(["b"])];
    expect(own.take(batch, "task from pc")).toBe("granted");
    own.giveBack();
    own.giveBack();
    expect(ledger().read()).toMatchObject({ inDay: 1, ids: ["a"], last: { what: "note from pc" } });
    expect(own.take(batch, "x")).toBe("granted");
    expect(ledger().take(batch, "x")).toBe("known");
  });

  it("is not given back after another session was woken", () => {
    const [own, batch] = [ledger(), came(["a"])];
    own.take(batch, "x");
    time += WAKE_EVERY_MS;
    take("b");
    own.giveBack();
    expect(ledger().read()).toMatchObject({ inDay: 2, ids: ["a", "b"] });
  });

  it("is granted at most every two minutes", () => {
    expect(take("a")).toBe("granted");
    time += WAKE_EVERY_MS - 1;
    expect(take("b")).toBe("too soon");
    time += 1;
    expect(take("b")).toBe("granted");
  });

  it("is granted at most thirty times in 24 hours", () => {
    const start = time;
    const granted = () => {
      time += WAKE_EVERY_MS;
      return take(`${time}`);
    };
    expect(Array.from({ length: WAKES_A_DAY }, granted)).toEqual(Array(WAKES_A_DAY).fill("granted"));
    expect(granted()).toBe("enough for a day");
    time = start + DAY_MS - WAKE_EVERY_MS;
    expect(granted()).toBe("enough for a day"); // a new date, but the first wake was less than 24 hours ago
    expect(granted()).toBe("granted");
    expect(ledger().read().inDay).toBe(WAKES_A_DAY);
  });

  it("is not blocked after the clock was a year ahead", () => {
    time += 365 * DAY_MS;
    expect(take("a")).toBe("granted");
    time -= 365 * DAY_MS;
    expect(take("b")).toBe("granted");
    expect(ledger().read().inDay).toBe(1);
  });

  it("still counts after the clock was a day ahead and was set back", () => {
    for (let i = 0; i < WAKES_A_DAY; i++) {
      time += WAKE_EVERY_MS;
      take(`${i}`);
    }
    time += DAY_MS;
    expect(take("ahead")).toBe("granted");
    time -= DAY_MS;
    time += WAKE_EVERY_MS;
    expect(take("back")).toBe("enough for a day");
  });

  it("is granted at most every two minutes to one process, even if its clock jumps", () => {
    let steady = 0;
    const here = new WakeLedger(
      paths,
      "wakes",
      () => time,
      () => steady,
    );
    expect(here.take(came(["a"]), "x")).toBe("granted");
    for (let i = 0; i < 10; i++) {
      time += (i % 2 === 0 ? 1 : -1) * 3 * DAY_MS;
      expect(here.take(came([`${i}`]), "x")).toBe("too soon");
    }
    time += 9 * DAY_MS;
    steady += WAKE_EVERY_MS;
    expect(here.take(came(["b"]), "x")).toBe("granted");
  });

  it("is recorded with its reason, and so is a wake that was held back", () => {
    expect([ledger().read().last, ledger().held()]).toEqual([null, null]);
    take("a");
    ledger().hold("task from pc: quiet hours");
    expect(ledger().read().last).toEqual({ at: time, what: "note from pc" });
    expect(ledger().held()).toEqual({ at: time, what: "task from pc: quiet hours" });
  });

  it("is granted if the file is damaged, which is renamed", () => {
    take("a");
    writeFileSync(join(paths.leases, "wakes.json"), "{");
    expect(take("b")).toBe("granted");
  });

  it("is granted to only one of many processes that ask at the same moment", async () => {
    const script = `
      import { photonPaths } from ${JSON.stringify(fileURLToPath(new URL("../disk/paths.ts", import.meta.url)))};
      import { WakeLedger } from ${JSON.stringify(fileURLToPath(new URL("wake-ledger.ts", import.meta.url)))};
      process.stdin.once("data", () => {
        const ledger = new WakeLedger(photonPaths({ PHOTON_HOME: ${JSON.stringify(home)} }), "wakes");
        process.stdout.write(ledger.take({ reader: "mac", messages: [{ id: "m" + process.pid, timestamp: "t" + process.pid }] }, "x"));
        process.exit();
      });
      process.stdout.write("ready ");
    `;
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const said = children.map(() => "");
    for (const [i, child] of children.entries()) {
      child.stdout.on("data", (text) => {
        said[i] += String(text);
      });
    }
    await expect.poll(() => said.every((text) => text === "ready "), { timeout: 15_000 }).toBe(true);
    const ended = children.map((child) => once(child, "close"));
    for (const child of children) child.stdin.write("go");
    await Promise.all(ended);
    expect(said.filter((text) => text === "ready granted")).toHaveLength(1);
  });
});
