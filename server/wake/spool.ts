import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRunning } from "../../client/disk/is-running.ts";

/** What the monitor makes beside the file it follows, with its own process number. */
const MONITOR = ".monitor";

/** A file of this folder, and the client's process it belongs to. */
const OWN = /^(\d{1,10})(?:\.monitor)?$/;

/**
 * The file that the client's monitor of this session follows: each line that is added starts a turn in the session, or joins
 * the one that is under way. The manifest names it by the client's process (`.claude-plugin/plugin.json`).
 *
 * The monitor makes it, and empties what an older process with that number left. It is only added to from here, also when
 * the client starts this process anew: `tail` misses lines of a file that was replaced by one of the same size.
 */
export class WakeSpool {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @returns null when this process was not started by a client that has a folder for its plugins */
  static of(env: NodeJS.ProcessEnv, clientPid: number): WakeSpool | null {
    const folder = env.CLAUDE_PLUGIN_DATA;
    return folder ? new WakeSpool(join(folder, "wake", String(clientPid))) : null;
  }

  /** Removes what sessions left whose client is gone. @throws the file system's own error */
  open(): void {
    const folder = dirname(this.#file);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const pid = OWN.exec(name)?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
    }
  }

  /**
   * Whether the client follows it. It does not in a folder the person does not trust, or where an organisation forbids
   * monitors; and a monitor can be stopped in the client's list of tasks.
   */
  isFollowed(): boolean {
    try {
      const pid = Number(readFileSync(`${this.#file}${MONITOR}`, "utf8"));
      // The shells of Windows count processes in their own way.
      return process.platform === "win32" || (Number.isInteger(pid) && isRunning(pid));
    } catch {
      return false; // no monitor has begun
    }
  }

  /** @param line - without line ends @throws the file system's own error */
  write(line: string): void {
    appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
  }
}
