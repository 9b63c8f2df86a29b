import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { readSessionFile } from "./session-file.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon session file "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const names = () => readdirSync(paths.sessions).sort();

/** On a busy machine with a slow disk, the others may hold the lock in turn for longer than the second that Photon waits. */
const PATIENCE_MS = 30_000;

/** A process that increments its own field in the session's file and prints a dot after each time. */
function counter(field: string, times: number): ChildProcess {
  const script = `
    const { changeSessionFile } = await import(process.argv[1]);
    const [, , sessions, field, times] = process.argv;
    for (let i = 0; i < Number(times); i++) {
      changeSessionFile({ sessions }, "s-1", ({ open, ...before }) => ({
        ...before,
        [field]: (before[field] ?? 0) + 1,
        ...(i % 3 === 0 && { open: { by: field } }),
      }), ${PATIENCE_MS});
      process.stdout.write(".");
    }`;
  const module = new URL("./session-file.ts", import.meta.url).href;
  const args = ["--input-type=module", "-e", script, module, paths.sessions, field, String(times)];
  return spawn(process.execPath, args, { env: { PATH: process.env.PATH ?? "" }, stdio: ["ignore", "pipe", "inherit"] });
}

describe("processes that change a session at the same time", () => {
  it("do not lose each other's changes", async () => {
    const fields = ["a", "b", "c", "d"];
    const ends = await Promise.all(fields.map((field) => once(counter(field, 60), "exit")));
    expect(ends.map(([code]) => code)).toEqual([0, 0, 0, 0]);
    expect(readSessionFile(paths, "s-1")).toMatchObject({ a: 60, b: 60, c: 60, d: 60 });
    expect(names().filter((name) => name.endsWith(".json"))).toHaveLength(1);
    expect(names().filter((name) => name.includes(".lock"))).toEqual([]);
  }, 60_000);

  it("continue without losing changes when one is killed in the middle", async () => {
    const survivors = ["a", "b"].map((field) => once(counter(field, 80), "exit"));
    let killed = 0;
    for (let i = 0; i < 6; i++) {
      const child = counter(`killed${i}`, 10_000);
      let done = 0;
      child.stdout?.on("data", (dots: Buffer) => {
        done += dots.length;
        if (done > 3 + i) child.kill("SIGKILL");
      });
      await once(child, "close");
      const counted = Number(readSessionFile(paths, "s-1")[`killed${i}`]);
      expect(counted === done || counted === done + 1).toBe(true); // it may be killed before it prints the dot
      killed++;
    }
    await Promise.all(survivors);
    expect(readSessionFile(paths, "s-1")).toMatchObject({ a: 80, b: 80 });
    expect(killed).toBe(6);
  }, 60_000);
});
