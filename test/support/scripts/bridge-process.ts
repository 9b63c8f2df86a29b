import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../../scripts/bridge.ts", import.meta.url));

/** What a process that ended left. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run bridge` as a real process, without npm around it. */
export class BridgeProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  /** @param env - all it gets beside PATH and LANG */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [SCRIPT, ...args], {
      // A group of its own, so that a test can press Ctrl-C.
      detached: true,
      env: { PATH: process.env.PATH ?? "", TMPDIR: tmpdir(), LANG: "C.UTF-8", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) =>
      // Not "exit": a child that is left behind would hold the pipes open, and the test would fail for it.
      this.#child.on("close", (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#stdout + this.#stderr;
  }

  /** Waits for the line that says it is ready. @returns the address in it */
  async ready(): Promise<string> {
    const over = this.ended.then(({ stdout, stderr }) => {
      throw new Error(`The bridge ended:\n${stdout}${stderr}`);
    });
    const line = new Promise<string>((resolve) => {
      const look = () => {
        const [, url] = /^Photon bridge ready on (\S+)\n/.exec(this.#stdout) ?? [];
        if (url) resolve(url);
      };
      this.#child.stdout?.on("data", look);
      look();
    });
    return Promise.race([line, over]);
  }

  /** @param toGroup - as Ctrl-C in a terminal does: to its children too */
  end(signal: "SIGTERM" | "SIGINT" | "SIGKILL", { toGroup = false } = {}): Promise<Ended> {
    process.kill(toGroup ? -this.pid : this.pid, signal);
    return this.ended;
  }
}
