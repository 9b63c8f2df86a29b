import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Lease } from "./lease.ts";

const TTL_MS = 45_000;

let folder: string;
let time: number;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "photon lease ")), "leader");
  time = Date.now();
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const lease = () => new Lease(folder, TTL_MS, () => time);
/** Writes the lease file of another process. */
function heldBy(pid: number, fields: Record<string, unknown> = {}) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "000000000007.json");
  writeFileSync(file, JSON.stringify({ v: 1, pid, host: "another-host", ...fields }));
  utimesSync(file, time / 1000, time / 1000);
  return file;
}
/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ["-p", "process.pid"]);
  return Number(stdout);
}
const host = async () => (await import("node:os")).hostname();

describe("a lease", () => {
  it("has one holder, which may acquire it again, until it is released", () => {
    const [a, b] = [lease(), lease()];
    expect([a.tryAcquire(), b.tryAcquire(), a.tryAcquire()]).toEqual([true, false, true]);
    expect([a.isHeld(), b.isHeld()]).toEqual([true, false]);
    a.release();
    expect([a.isHeld(), b.tryAcquire(), b.isHeld(), a.tryAcquire()]).toEqual([false, true, true, false]);
  });

  it("is free after its time if it was not renewed, and its holder knows that it lost it", () => {
    const [a, b] = [lease(), lease()];
    a.tryAcquire();
    time += TTL_MS - 1_000;
    expect(a.renew()).toBe(true);
    time += TTL_MS - 1_000;
    expect(b.tryAcquire()).toBe(false);
    time += 2_000;
    expect(b.tryAcquire()).toBe(true);
    expect([a.isHeld(), a.renew()]).toEqual([false, false]);
    a.release(); // does not release the lease of b
    expect(b.isHeld()).toBe(true);
  });

  it("is free at once when its holder's process has ended", async () => {
    heldBy(await deadPid(), { host: await host() });
    expect(lease().tryAcquire()).toBe(true);
  });

  it("stays held until its time ends if its holder runs on another computer that shares the home", async () => {
    heldBy(await deadPid());
    expect(lease().tryAcquire()).toBe(false);
    time += TTL_MS + 1;
    expect(lease().tryAcquire()).toBe(true);
  });

  it("is free after its time if another process got the holder's number after a reboot", async () => {
    heldBy(process.pid, { host: await host() });
    expect(lease().tryAcquire()).toBe(false);
    time += TTL_MS + 1;
    expect(lease().tryAcquire()).toBe(true);
  });

  it("has one holder at a time when the clock jumps by a day", () => {
    const [a, b] = [lease(), lease()];
    a.tryAcquire();
    time -= 24 * 60 * 60_000;
    expect(b.tryAcquire()).toBe(true);
    expect([a.isHeld(), b.isHeld()]).toEqual([false, true]);
  });

  it("is free after its time if its file is half written", () => {
    const file = heldBy(1);
    writeFileSync(file, '{"v":1,"pi');
    utimesSync(file, time / 1000, time / 1000);
    expect(lease().tryAcquire()).toBe(false);
    time += TTL_MS + 1;
    expect(lease().tryAcquire()).toBe(true);
    expect(readdirSync(folder)).toEqual(["000000000008.json"]);
  });

  it("throws if the disk cannot be written", () => {
    writeFileSync(folder, "a file where the folder should be");
    expect(() => lease().tryAcquire()).toThrow();
    expect(lease().isHeld()).toBe(false);
  });

  it("never has two holders when many processes compete for it and some are killed", async () => {
    const log = join(folder, "..", "log");
    writeFileSync(log, "");
    // Each process logs the begin and the end of its work under the lease; every third is killed in the middle.
    const script = `
      const { Lease } = await import(process.argv[1]);
      const { appendFileSync } = await import("node:fs");
      const lease = new Lease(process.env.FOLDER, 45_000);
      let done = 0;
      const until = Date.now() + 10_000;
      while (done < 10 && Date.now() < until) {
        if (!lease.tryAcquire()) { await new Promise((next) => setTimeout(next, 1)); continue; }
        appendFileSync(process.env.LOG, "begin " + process.pid + "\\n");
        await new Promise((next) => setTimeout(next, 2));
        if (process.env.DIES && done === 5) process.kill(process.pid, "SIGKILL");
        appendFileSync(process.env.LOG, "end " + process.pid + "\\n");
        done++;
        lease.release();
      }`;
    const module = new URL("./lease.ts", import.meta.url).href;
    const run = (dies: boolean) =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, module], {
        env: { PATH: process.env.PATH ?? "", FOLDER: folder, LOG: log, ...(dies && { DIES: "1" }) },
      }).catch(() => undefined);
    await Promise.all([run(false), run(true), run(false), run(false), run(true), run(false)]);

    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines.length).toBe(4 * 20 + 2 * 11);
    let holder: string | null = null;
    for (const line of lines) {
      const [what, pid = ""] = line.split(" ");
      // A killed holder logs no end: another process may begin, but the killed one never logs again.
      if (what === "begin") holder = pid;
      else expect(pid).toBe(holder);
    }
  });
});
