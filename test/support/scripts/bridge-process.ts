import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../../scripts/bridge.ts", import.meta.url));

/** The result of a process that ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run bridge` as a real process, without npm. */
export class BridgeProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  /** @param env - its environment, in addition to PATH and LANG */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [SCRIPT, ...args], {
      // In its own process group, so that a test can simulate Ctrl-C.
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
      // Not "exit": this way a child that is left behind keeps the pipes open and the test fails.
      this.#child.on("close", (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#stdout + this.#stderr;
  }

  /** Waits until it is ready. @returns its address */
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

  /** @param toGroup - also signals its children, like Ctrl-C in a terminal */
  end(signal: "SIGTERM" | "SIGINT" | "SIGKILL", { toGroup = false } = {}): Promise<Ended> {
    process.kill(toGroup ? -this.pid : this.pid, signal);
    return this.ended;
  }
}
