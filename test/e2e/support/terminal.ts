import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BASE_ENV } from "./environment.ts";
import { eventually, mustRun } from "./process.ts";

/** Why tests in a terminal cannot run here, or null. */
export const NO_TERMINAL = spawnSync("tmux", ["-V"], { env: BASE_ENV }).status === 0 ? null : "tmux is not installed";

interface Program {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What is on the screen once it is there; by default the client's prompt. */
  readonly until?: RegExp;
}

/** The client in a terminal, under a tmux of its own. */
export class Terminal {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts the program and waits until its prompt is there. */
  static async open({ program, args, cwd, env, until = /^❯/m }: Program): Promise<Terminal> {
    // A socket's path must be short.
    const terminal = new Terminal(await mkdtemp(join(tmpdir(), "tmux-")));
    const words = [
      "env",
      "-i",
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      "TERM=xterm-256color",
    ];
    const command = [...words, program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    // The pane stays when the client ends, so that its last words can be read.
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", "-s", "e2e", "-x", "180", "-y", "50", "-c", cwd, "sh");
    await terminal.#tmux("set-option", "-t", "e2e", "remain-on-exit", "on");
    await terminal.#tmux("respawn-pane", "-k", "-t", "e2e", "-c", cwd, `exec ${command}`);
    await terminal.shows(until);
    return terminal;
  }

  /** Types a line and presses Enter. */
  async type(line: string): Promise<void> {
    await this.#tmux("send-keys", "-t", "e2e", "-l", line);
    // The client takes a burst of keys as a paste; Enter has to come after it.
    await eventually("the line to be in the prompt", async () => {
      const screen = await this.screen();
      return screen.includes(line.slice(0, 60)) ? true : null;
    });
    await this.#tmux("send-keys", "-t", "e2e", "Enter");
  }

  /** Kills the client, as running out of memory does: it can say nothing to anybody. */
  async killClient(): Promise<void> {
    process.kill(Number(await this.#tmux("display-message", "-p", "-t", "e2e", "#{pane_pid}")), "SIGKILL");
  }

  /** Presses a key, again and again because a dialog that has just appeared ignores keys, until the screen matches. */
  async pressUntil(key: string, pattern: RegExp): Promise<void> {
    await eventually(String(pattern), async () => {
      if (pattern.test(await this.screen())) return true;
      await this.#tmux("send-keys", "-t", "e2e", key);
      await new Promise((resolve) => setTimeout(resolve, 400));
      return null;
    });
  }

  /** Waits until the screen matches, and gives the screen. */
  async shows(pattern: RegExp): Promise<string> {
    let last = "";
    try {
      return await eventually(String(pattern), async () => {
        last = await this.screen();
        return pattern.test(last) ? last : null;
      });
    } catch (error) {
      throw new Error(`the terminal never showed ${pattern}; it shows:\n${last}`, { cause: error });
    }
  }

  screen(): Promise<string> {
    return this.#tmux("capture-pane", "-p", "-t", "e2e");
  }

  /** Leaves the client by its own command, and waits until it has ended. */
  async exit(): Promise<void> {
    await this.type("/exit");
    await eventually("the client to end", async () =>
      (await this.#tmux("display-message", "-p", "-t", "e2e", "#{pane_dead}")).trim() === "1" ? true : null,
    );
  }

  async close(): Promise<void> {
    await this.#tmux("kill-server").catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }

  #tmux(...args: string[]): Promise<string> {
    const env = { ...BASE_ENV, HOME: this.#folder, TERM: "xterm-256color" };
    return mustRun("tmux", ["-S", join(this.#folder, "socket"), ...args], { cwd: this.#folder, env });
  }
}
