import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isRunning } from "./is-running.ts";

describe("a process", () => {
  it("is running while it is there, and not after it has ended", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const pid = child.pid ?? 0;
    expect(isRunning(pid)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isRunning(pid)).toBe(false);
  });

  it.each([0, -1, 2 ** 31])("is never %i", (pid) => {
    expect(isRunning(pid)).toBe(false);
  });

  it.skipIf(process.platform !== "linux")(
    "is not running when only its parent has yet to ask how it ended",
    async () => {
      // A shell that starts a process and becomes one that never asks.
      const shell = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
      try {
        const [line] = await once(shell.stdout, "data");
        const pid = Number(String(line));
        await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
        process.kill(pid, 0); // its number is still taken: it throws when it is not
      } finally {
        shell.kill("SIGKILL");
      }
    },
  );
});
