import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { StartedProcesses } from "../../scripts/started-processes.ts";
import { usersNode } from "../../scripts/users-node.ts";
import { ServerProcess } from "../support/server-process.ts";
import type { Ledger } from "./ledger.ts";
import { Session } from "./session.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

/** The Node that users have, not the toolchain's. */
const NODE = usersNode();

const MAX_STARTS = 20;

export type HookName = "session-start" | "stop" | "session-end";

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Allowed output of a hook on stderr: on a busy machine, that its time is over. */
export const AT_MOST_ONE_LINE = expect.stringMatching(/^(?:Photon: .*\n)?$/);

interface ComputerInput {
  /** Its machine name. */
  readonly machine: string;
  readonly bridgeUrl: string;
  readonly key: string;
  readonly ledger: Ledger;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder for its files; by default a new one, which is removed with it. */
  readonly home?: string;
}

/** One machine with the built plugin: its files, its settings and its processes. */
export class Computer {
  readonly machine: string;
  readonly home: string;
  /** The environment of its processes, in addition to PATH, HOME and LANG. Tests may change it before they start one. */
  readonly env: Record<string, string>;
  readonly #ledger: Ledger;
  readonly #isOwnHome: boolean;
  readonly #folder = mkdtempSync(join(tmpdir(), "photon computer "));
  readonly #started = new StartedProcesses(join(this.#folder, "started-processes"));
  readonly #sessions: Session[] = [];

  constructor({ machine, bridgeUrl, key, ledger, env = {}, home }: ComputerInput) {
    this.machine = machine;
    this.home = home ?? mkdtempSync(join(tmpdir(), `photon ${machine} `));
    this.#isOwnHome = home === undefined;
    this.#ledger = ledger;
    this.env = {
      PHOTON_HOME: this.home,
      BRIDGE_WORKER_URL: bridgeUrl,
      BRIDGE_API_KEY: key,
      BRIDGE_MACHINE_ID: machine,
      BRIDGE_PROJECT: "photon",
      ...env,
    };
  }

  /** A session starts. */
  async openSession(): Promise<Session> {
    const name = `s-${++sessions}`;
    const env = { ...this.env, CLAUDE_CODE_SESSION_ID: name };
    const recording = this.#started.env(this.env.NODE_OPTIONS);
    const server = await ServerProcess.start({ ...env, ...recording }, { node: NODE, file: join(DIST, "server.mjs") });
    const session = new Session({ machine: this.machine, name, server, ledger: this.#ledger });
    this.#sessions.push(session);
    return session;
  }

  /** Runs a hook as the client does. @param event - the fields other than the event's name and the session */
  hook(name: HookName, event: object, during?: (kill: () => void) => unknown): Promise<Finished> {
    return this.#run([join(DIST, "hooks", `${name}.cjs`)], JSON.stringify(event), during);
  }

  /** The output of the SessionStart hook. Repeats the hook if its time runs out on a busy machine. */
  async startTexts(session: string): Promise<string> {
    for (let attempt = 0; attempt < MAX_STARTS; attempt++) {
      const { stdout, stderr } = await this.hook("session-start", {
        hook_event_name: "SessionStart",
        session_id: session,
      });
      if (!stderr.includes("was given up")) return stdout;
    }
    throw new Error("The hook never finished in time.");
  }

  /** Runs `photon …` to its end or until it is killed. */
  photon(args: readonly string[], during?: (kill: () => void) => unknown): Promise<Finished> {
    return this.#run([join(DIST, "photon.mjs"), ...args], "", during);
  }

  /** Delivers the outbox. @returns how many messages are still queued */
  async flush(): Promise<number> {
    const { stdout, stderr } = await this.photon(["flush", "--json"]);
    const { waiting }: { waiting: unknown } = JSON.parse(stdout || "{}");
    if (typeof waiting !== "number")
      throw new Error(`photon flush did not say how many messages are queued: ${stdout}${stderr}`);
    return waiting;
  }

  async closeSessions(): Promise<void> {
    await Promise.all(this.#sessions.splice(0).map((session) => session.close()));
  }

  async end(): Promise<void> {
    await this.closeSessions();
    await this.#started.ended(); // such as a flush that a hook started
    for (const folder of [this.#folder, ...(this.#isOwnHome ? [this.home] : [])])
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #run(args: readonly string[], stdin: string, during?: (kill: () => void) => unknown): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const child = spawn(NODE, args, {
        cwd: tmpdir(), // the home may be none
        env: {
          ...{ PATH: process.env.PATH ?? "", HOME: this.home, TMPDIR: tmpdir(), LANG: "C.UTF-8" },
          ...this.env,
          ...this.#started.env(this.env.NODE_OPTIONS),
        },
        stdio: "pipe",
      });
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
      child.stdin.on("error", () => undefined); // it may end without reading everything
      child.stdin.end(stdin);
      during?.(() => child.kill("SIGKILL"));
    });
  }
}

/** Session ids differ between machines, too. */
let sessions = 0;
