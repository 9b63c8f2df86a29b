import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isRunning } from "./is-running.ts";

describe("a process", () => {
  it("is running until it ends", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const pid = child.pid ?? 0;
    expect(isRunning(pid)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isRunning(pid)).toBe(false);
  });

  it.each([0, -1, 2 ** 31])("never has the number %i", (pid) => {
    expect(isRunning(pid)).toBe(false);
  });

  it.skipIf(process.platform !== "linux")(
    "is not running as a zombie, whose parent has not read its exit status",
    async () => {
      // The shell starts a process, which ends later, and becomes `sleep`, which never reads the exit status.
      const shell = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
      try {
        const [line] = await once(shell.stdout, "data");
        const pid = Number(String(line));
        await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
        process.kill(pid, 0); // throws unless the number is still in use
      } finally {
        shell.kill("SIGKILL");
      }
    },
  );
});
