import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRunning } from "../../client/disk/is-running.ts";

/** Suffix of the monitor's own file, next to the one it follows. It contains the monitor's process number. */
const MONITOR = ".monitor";

/** A file of this folder, and the process number of its client. */
const OWN = /^(\d{1,10})(?:\.monitor)?$/;

/**
 * The file that the client's monitor of this session follows: each new line starts a turn in the session, or joins the
 * running turn. Its name is the client's process number, as in the manifest (`.claude-plugin/plugin.json`).
 *
 * The monitor creates the file, and empties one that an older process with the same number left. This process only appends,
 * even after a restart: `tail` misses lines of a file that was replaced by one of the same size.
 */
export class WakeSpool {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @returns null if the client has no data folder for plugins */
  static of(env: NodeJS.ProcessEnv, clientPid: number): WakeSpool | null {
    const folder = env.CLAUDE_PLUGIN_DATA;
    return folder ? new WakeSpool(join(folder, "wake", String(clientPid))) : null;
  }

  /** Removes the files of clients that have ended. @throws the file system's own error */
  open(): void {
    const folder = dirname(this.#file);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const pid = OWN.exec(name)?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
    }
  }

  /**
   * Whether the client follows the file. It does not in a folder that the person does not trust, or if an organisation
   * forbids monitors; and the person can stop a monitor in the client's list of tasks.
   */
  isFollowed(): boolean {
    try {
      const pid = Number(readFileSync(`${this.#file}${MONITOR}`, "utf8"));
      // On Windows, a shell's process number is not the system's.
      return process.platform === "win32" || (Number.isInteger(pid) && isRunning(pid));
    } catch {
      return false; // no monitor has started
    }
  }

  /** @param line - without line ends @throws the file system's own error */
  write(line: string): void {
    appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
  }
}
