import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import plugin from "../../.claude-plugin/plugin.json" with { type: "json" };
import { WakeSpool } from "./spool.ts";

const { experimental } = z
  .looseObject({
    experimental: z.object({ monitors: z.tuple([z.looseObject({ command: z.string(), description: z.string() })]) }),
  })
  .parse(plugin);
const [monitor] = experimental.monitors;

/** A process number that no running process has. */
const GONE = 2 ** 22 + 1;

let data: string;
let started: ChildProcess[];
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), "photon spool ")), "it's plugin data");
  started = [];
});
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(join(data, ".."), { recursive: true, force: true });
});

const spool = (pid = process.pid) => {
  const made = WakeSpool.of({ CLAUDE_PLUGIN_DATA: data }, pid);
  if (made === null) throw new Error("This client has a folder for plugins.");
  return made;
};
const file = (name = String(process.pid)) => join(data, "wake", name);

/** The monitor of the manifest, as the client starts it. */
function startMonitor(env: Record<string, string> = {}) {
  const command = monitor.command.replaceAll(/\$\{CLAUDE_PLUGIN_DATA\}/g, data);
  const child = spawn("/bin/sh", ["-c", command], {
    env: { PATH: process.env.PATH ?? "", CLAUDE_PID: String(process.pid), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text;
  });
  return { child, said };
}
/** Waits until the shell has become `tail`, which then opens the file. */
async function isTail({ pid }: ChildProcess) {
  const args = () => execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  await expect.poll(args, { timeout: 5_000 }).toMatch(/^tail /);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const isFollowed = () => expect.poll(() => spool().isFollowed(), { timeout: 5_000 }).toBe(true);

describe("the file of a session", () => {
  it("is removed after its client has ended, and other files stay", () => {
    mkdirSync(join(data, "wake"), { recursive: true });
    for (const name of [`${GONE}`, `${GONE}.monitor`, "notes", `${process.ppid}.monitor`])
      writeFileSync(file(name), "");
    spool().open();
    expect(
      [`${GONE}`, `${GONE}.monitor`, "notes", `${process.ppid}.monitor`].map((name) => existsSync(file(name))),
    ).toEqual([false, false, true, true]);
  });

  it("is not followed before a monitor has started, or after it has ended", () => {
    spool().open();
    expect(spool().isFollowed()).toBe(false);
    writeFileSync(file(`${process.pid}.monitor`), `${GONE}\n`);
    expect(spool().isFollowed()).toBe(false);
    writeFileSync(file(`${process.pid}.monitor`), "");
    expect(spool().isFollowed()).toBe(false);
  });

  it("does not exist for a client without a data folder for plugins", () => {
    expect(WakeSpool.of({}, 1)).toBeNull();
  });
});

describe.skipIf(process.platform === "win32")(
  "the monitor of the manifest (not on Windows: there it needs the client's shell)",
  () => {
    it("empties a file that an older process with the same number left", async () => {
      mkdirSync(join(data, "wake"), { recursive: true });
      writeFileSync(file(), "of an older session\n");
      const { said } = startMonitor();
      await isFollowed();
      expect(readFileSync(file(), "utf8")).toBe("");
      expect(said).toEqual({ stdout: "", stderr: "" });
    });

    it("may start before the server, prints each line once, and nothing else", async () => {
      const { child, said } = startMonitor();
      await isFollowed();
      await isTail(child);
      const mine = spool();
      mine.open();
      mine.write("first");
      await expect.poll(() => said.stdout, { timeout: 5_000 }).toBe("first\n");
      mine.write("second");
      await expect.poll(() => said.stdout).toBe("first\nsecond\n");
      expect([said.stderr, child.exitCode]).toEqual(["", null]);
    });

    it("continues when the server is restarted", async () => {
      const { child, said } = startMonitor();
      await isFollowed();
      await isTail(child);
      spool().open();
      spool().write("one");
      await expect.poll(() => said.stdout, { timeout: 5_000 }).toBe("one\n");
      spool().open();
      expect(spool().isFollowed()).toBe(true);
      spool().write("two");
      await expect.poll(() => said.stdout, { timeout: 5_000 }).toBe("one\ntwo\n");
    });

    it("keeps running, and prints nothing, if it cannot write or there is no `tail`", async () => {
      writeFileSync(data, "a file where the folder should be");
      const programs = join(data, "../programs");
      mkdirSync(programs);
      for (const name of ["mkdir", "sleep"])
        symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(programs, name));
      const monitors = [startMonitor()];
      data = join(data, "../other plugin data");
      monitors.push(startMonitor({ PATH: programs }));
      await Promise.race([
        ...monitors.map(({ child }) => once(child, "exit")),
        new Promise((resolve) => setTimeout(resolve, 1_000)),
      ]);
      expect(monitors.map(({ child, said }) => [child.exitCode, said])).toEqual([
        [null, { stdout: "", stderr: "" }],
        [null, { stdout: "", stderr: "" }],
      ]);
      expect(spool().isFollowed()).toBe(false);
    });

    it("has the description that the server recognises", () => {
      expect(monitor.description).toBe("Photon mail");
    });
  },
);
