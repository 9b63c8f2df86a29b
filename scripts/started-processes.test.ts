import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StartedProcesses } from "./started-processes.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon started "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("waits for a process whose parent has ended, and for the one that it started", async () => {
  // Each starts the next and exits at once; the last writes a file when the gate is open.
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `import { spawn } from "node:child_process";
     import { existsSync, writeFileSync } from "node:fs";
     const [, file, depth] = process.argv;
     if (depth !== "0") {
       spawn(process.execPath, [file, String(depth - 1)], { detached: true, stdio: "ignore" }).unref();
       process.exit();
     }
     while (!existsSync("gate")) await new Promise((resolve) => setTimeout(resolve, 10));
     writeFileSync("last", "");`,
  );
  const started = new StartedProcesses(join(folder, "started"));
  const env = { ...started.env(), PATH: process.env.PATH };
  expect(spawnSync(process.execPath, [program, "2"], { cwd: folder, env }).status).toBe(0);

  const ended = started.ended();
  writeFileSync(join(folder, "gate"), "");
  await ended;
  expect(existsSync(join(folder, "last"))).toBe(true);
});

it("does not wait if no process was started", async () => {
  await expect(new StartedProcesses(join(folder, "started")).ended()).resolves.toBeUndefined();
});
