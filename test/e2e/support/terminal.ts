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
  /** A pattern on the screen that shows that it is ready; by default the client's prompt. */
  readonly until?: RegExp;
  /** By default 180. */
  readonly columns?: number;
}

/** The client in a terminal, in its own tmux. */
export class Terminal {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts the program and waits for its prompt. */
  static async open({ program, args, cwd, env, until = /^❯/m, columns = 180 }: Program): Promise<Terminal> {
    // A socket's path must be short.
    const terminal = new Terminal(await mkdtemp(join(tmpdir(), "tmux-")));
    const words = [
      "env",
      "-i",
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      "TERM=xterm-256color",
    ];
    const command = [...words, program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    // The pane stays after the client ends, so that its last output can be read.
    const size = ["-x", String(columns), "-y", "50"];
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", "-s", "e2e", ...size, "-c", cwd, "sh");
    await terminal.#tmux("set-option", "-t", "e2e", "remain-on-exit", "on");
    await terminal.#tmux("respawn-pane", "-k", "-t", "e2e", "-c", cwd, `exec ${command}`);
    await terminal.shows(until);
    return terminal;
  }

  /** Writes into the prompt. */
  async write(text: string): Promise<void> {
    await this.#tmux("send-keys", "-t", "e2e", "-l", text);
  }

  /** Types a line and presses Enter. */
  async type(line: string): Promise<void> {
    await this.write(line);
    // The client treats a burst of keys as a paste, so Enter must come later.
    await eventually("the line to be in the prompt", async () => {
      const screen = await this.screen();
      return screen.includes(line.slice(0, 60)) ? true : null;
    });
    await this.#tmux("send-keys", "-t", "e2e", "Enter");
  }

  /** Kills the client without a chance to clean up, as when memory runs out. */
  async killClient(): Promise<void> {
    process.kill(Number(await this.#tmux("display-message", "-p", "-t", "e2e", "#{pane_pid}")), "SIGKILL");
  }

  /** Presses a key until the screen matches. Repeats it, because a new dialog ignores keys at first. */
  async pressUntil(key: string, pattern: RegExp): Promise<void> {
    await eventually(String(pattern), async () => {
      if (pattern.test(await this.screen())) return true;
      await this.#tmux("send-keys", "-t", "e2e", key);
      await new Promise((resolve) => setTimeout(resolve, 400));
      return null;
    });
  }

  /** Waits until the screen matches. @returns the screen */
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

  /** Ends the client with its own command, and waits for that. */
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
