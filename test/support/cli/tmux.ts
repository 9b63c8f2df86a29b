import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

/** A program in its own terminal. */
export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), "photon-tmux-"));

  /** @param env - the program's environment, besides the terminal's own variables */
  constructor(program: readonly string[], env: Readonly<Record<string, string>>, columns = 100) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    // A shell prints the exit code, because tmux itself sometimes does not know it.
    const shell = ["sh", "-c", '"$@"; echo "exit code $?"; exec sleep 60', "sh", ...program];
    this.#tmux(
      "new-session",
      "-d",
      "-x",
      String(columns),
      "-y",
      "40",
      "env",
      "-i",
      "TERM=xterm-256color",
      ...variables,
      ...shell,
    );
  }

  /** Types a text, then presses a key. */
  type(text: string, key: "Enter" | "C-c" | "Right" = "Enter"): void {
    if (text !== "") this.#tmux("send-keys", "-l", "--", text);
    this.#tmux("send-keys", key);
  }

  /** Everything that was shown and not overwritten. */
  screen(): string {
    return this.#tmux("capture-pane", "-p", "-S", "-");
  }

  /** The same, where a line that only the terminal itself continued in the next row is one line, as if copied. */
  lines(): string[] {
    return this.#tmux("capture-pane", "-p", "-J", "-S", "-")
      .split("\n")
      .map((line) => line.trimEnd());
  }

  /** Waits until the screen shows a text. */
  async shows(text: string): Promise<void> {
    await vi.waitFor(
      () => {
        const screen = this.screen();
        if (!screen.includes(text)) throw new Error(`the screen does not show ${JSON.stringify(text)}:\n${screen}`);
      },
      { timeout: 10_000, interval: 50 },
    );
  }

  /** Waits for the program's end. @returns its exit code */
  exitCode(): Promise<number> {
    return vi.waitFor(
      () => {
        const screen = this.screen();
        const [, code] = /^exit code (\d+)$/m.exec(screen) ?? [];
        if (code === undefined) throw new Error(`the program still runs:\n${screen}`);
        return Number(code);
      },
      { timeout: 10_000, interval: 50 },
    );
  }

  close(): void {
    this.#tmux("kill-server");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Uses a separate tmux server, so that other sessions are not touched. */
  #tmux(...args: string[]): string {
    return execFileSync("tmux", ["-S", join(this.#folder, "s"), "-f", "/dev/null", ...args], {
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", HOME: this.#folder, LANG: "C.UTF-8", TERM: "xterm-256color" },
    });
  }
}
