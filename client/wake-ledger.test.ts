import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "./paths.ts";
import { WAKE_EVERY_MS, WAKES_A_DAY, WakeLedger } from "./wake-ledger.ts";

let home: string;
let paths: Paths;
let time: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon wakes "));
  paths = photonPaths({ PHOTON_HOME: home });
  time = new Date(2026, 10, 24, 6).getTime();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** As another session's process sees it, whose own clock has counted nothing. */
const ledger = () => new WakeLedger(paths, "wakes", () => time);
const take = (...ids: string[]) => ledger().take(ids);

describe("a wake", () => {
  it("is granted once for a message, whichever session asks", () => {
    expect(take("a")).toBe("granted");
    time += WAKE_EVERY_MS;
    expect(take("a")).toBe("known");
    expect(take("a", "b")).toBe("granted");
  });

  it("comes at most every two minutes", () => {
    expect(take("a")).toBe("granted");
    time += WAKE_EVERY_MS - 1;
    expect(take("b")).toBe("too soon");
    time += 1;
    expect(take("b")).toBe("granted");
  });

  it("comes at most thirty times a day, and again the next", () => {
    const granted = () => {
      time += WAKE_EVERY_MS;
      return take(`${time}`);
    };
    expect(Array.from({ length: WAKES_A_DAY }, granted)).toEqual(Array(WAKES_A_DAY).fill("granted"));
    expect(granted()).toBe("enough for today");
    expect(ledger().read().count).toBe(WAKES_A_DAY);
    time = new Date(2026, 10, 25, 6).getTime();
    expect(ledger().read().count).toBe(0);
    expect(granted()).toBe("granted");
  });

  it("is not held back for ever by a clock that was ahead, nor let loose by one that jumps to and fro", () => {
    const here = ledger();
    time += 365 * 24 * 60 * 60_000;
    expect(here.take(["a"])).toBe("granted");
    time -= 365 * 24 * 60 * 60_000;
    expect(take("b")).toBe("granted"); // another process, for which the year did not pass
    for (let i = 0; i < 10; i++) {
      time += (i % 2 === 0 ? 1 : -1) * 24 * 60 * 60_000;
      expect(here.take([`${i}`])).toBe("too soon"); // its own clock knows better
    }
  });

  it("is granted to one of many processes that ask at the same moment", async () => {
    const script = `
      import { photonPaths } from ${JSON.stringify(fileURLToPath(new URL("paths.ts", import.meta.url)))};
      import { WakeLedger } from ${JSON.stringify(fileURLToPath(new URL("wake-ledger.ts", import.meta.url)))};
      process.stdin.once("data", () => {
        const ledger = new WakeLedger(photonPaths({ PHOTON_HOME: ${JSON.stringify(home)} }), "wakes");
        process.stdout.write(ledger.take(["m" + process.pid]));
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
