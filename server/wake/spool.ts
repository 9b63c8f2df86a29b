import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The file that the client's monitor of this session follows: each line that is added starts a turn in the session, as soon as
 * it is idle. The manifest names it by the client's process (`.claude-plugin/plugin.json`).
 */
export class WakeSpool {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @returns null when this process was not started by a client that follows one */
  static of(env: NodeJS.ProcessEnv, clientPid: number): WakeSpool | null {
    const folder = env.CLAUDE_PLUGIN_DATA;
    // A headless run follows none, and a turn after its end would be nobody's.
    if (!folder || env.CLAUDE_CODE_ENTRYPOINT !== "cli") return null;
    return new WakeSpool(join(folder, "wake", String(clientPid)));
  }

  /** Empty, whatever an older process with this number left. @throws the file system's own error */
  open(): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(this.#file, "", { mode: 0o600 });
  }

  /** @param line - without line ends @throws the file system's own error */
  write(line: string): void {
    appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
  }

  /** Never throws. */
  close(): void {
    try {
      rmSync(this.#file, { force: true });
    } catch {
      // the next process with this number empties it
    }
  }
}
