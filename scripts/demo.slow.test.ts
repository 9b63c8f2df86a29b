import { spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { usersNode } from "./users-node.ts";

const SCRIPT = fileURLToPath(new URL("demo.ts", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon demo test "));
  for (const name of ["bin", "temp"]) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Runs the demo with its own temp folder. @param stopAt - sends SIGINT once the demo has printed this */
function play({ path, stopAt }: { path?: string; stopAt?: string } = {}): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [SCRIPT], {
    env: { PATH: path ?? process.env.PATH, HOME: folder, TMPDIR: join(folder, "temp") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isStopped = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (stopAt === undefined || isStopped || !output.includes(stopAt)) return;
      isStopped = true;
      child.kill("SIGINT");
    });
  }
  // "close" comes only after all children have closed the pipes.
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

/** Running processes of the demo, each with its command line, found by the folder in their environment. Only on Linux. */
function leftRunning(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const isOurs = readFileSync(`/proc/${pid}/environ`, "utf8").includes(join(folder, "temp"));
      return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")] : [];
    } catch {
      return []; // no process, or one that has just ended
    }
  });
}

const leftInTemp = () => readdirSync(join(folder, "temp"));

describe.skipIf(process.platform === "win32")("npm run demo", () => {
  it("succeeds with the built parts, without colours in a pipe, and leaves nothing behind", async () => {
    const { code, output } = await play();
    expect(output).toContain("✔ Sent, announced, read, answered, marked as read, handed over.");
    expect(code).toBe(0);
    expect(output).toMatch(
      / Goal\n +Normalise the line endings.*\n +Claude's last answer:\n +Line endings are normalised/,
    );
    expect(output).not.toContain("\u001b");
    expect(leftRunning()).toEqual([]);
    expect(leftInTemp()).toEqual([]);
  });

  it("succeeds on a machine with only Node", async () => {
    symlinkSync(usersNode(), join(folder, "bin", "node"));
    const { code, output } = await play({ path: join(folder, "bin") });
    expect(output).toContain("✔ Sent, announced, read, answered, marked as read, handed over.");
    expect(code).toBe(0);
  });

  it("names the step that failed, exits 1, and leaves nothing behind", async () => {
    const broken = join(folder, "bin", "node");
    writeFileSync(broken, "#!/bin/sh\nexit 3\n");
    chmodSync(broken, 0o755);
    const { code, output } = await play({ path: `${join(folder, "bin")}:${process.env.PATH}` });
    expect(output).toContain("✘ This step failed: mac: Claude Code starts Photon's MCP server");
    expect(code).toBe(1);
    expect(leftRunning()).toEqual([]);
    expect(leftInTemp()).toEqual([]);
  });

  it.each(["SessionStart", "drafts a handover"])(
    "leaves nothing behind when it is interrupted after %j",
    async (stopAt) => {
      const { code, output } = await play({ stopAt });
      expect(output).not.toContain("✔");
      expect(code).toBeGreaterThan(0);
      expect(leftRunning()).toEqual([]);
      expect(leftInTemp()).toEqual([]);
    },
  );
});
