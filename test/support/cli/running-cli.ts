import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { vi } from "vitest";
import { bareEnv, type Outcome } from "./built-cli.ts";

/** Longer than the polling interval. */
const PATIENCE_MS = 45_000;

/** A command that runs until it is ended. */
export class RunningCli {
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";

  /** @param env - its environment, besides PATH, HOME and LANG */
  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [script, ...args], {
      cwd: tmpdir(),
      env: { ...bareEnv(env), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) =>
      this.#child.on("close", (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until it has printed a text to stdout or stderr. */
  async says(text: string, times = 1): Promise<void> {
    await vi.waitFor(
      () => {
        const output = this.#stdout + this.#stderr;
        if (output.split(text).length <= times) throw new Error(`It did not say ${JSON.stringify(text)}: ${output}`);
      },
      { timeout: PATIENCE_MS, interval: 25 },
    );
  }

  end(signal: "SIGINT" | "SIGTERM" | "SIGKILL" = "SIGINT"): Promise<Outcome> {
    this.#child.kill(signal);
    return this.ended;
  }
}
