import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { photonPaths } from "../../client/disk/paths.ts";
import { readSession } from "../../client/sessions/session-state.ts";
import { usersNode } from "../../scripts/users-node.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import type { RunningScript } from "../bridge/running-script.ts";
import { KEY } from "../bridge/with-script.ts";

/** The address and key of a script that runs. */
export function bridgeOf({ url }: RunningScript): { url: string; key: string } {
  return { url, key: KEY };
}

const SERVER = { node: usersNode(), file: fileURLToPath(new URL("../../dist/server.mjs", import.meta.url)) };

/** One computer: the servers of some sessions, built as users have them, that share a folder. */
export class Machine {
  readonly name: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly servers: ServerProcess[] = [];

  constructor(name: string, env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#env = env;
  }

  /** One that has not joined. */
  static withSharedKey(name: string, folder: string, bridge: { url: string; key: string }): Machine {
    return new Machine(name, {
      PHOTON_HOME: join(folder, name),
      BRIDGE_WORKER_URL: bridge.url,
      BRIDGE_API_KEY: bridge.key,
      BRIDGE_MACHINE_ID: name,
      BRIDGE_PROJECT: "demo",
    });
  }

  /** @param options.isWoken - by any mail, as in a client's terminal whose monitor runs */
  async openSession({ isWoken = false } = {}): Promise<ServerProcess> {
    const session = {
      CLAUDE_CODE_SESSION_ID: this.#sessionId(this.servers.length),
      ...(isWoken && { PHOTON_WAKE: "all", CLAUDE_CODE_ENTRYPOINT: "cli", CLAUDE_PLUGIN_DATA: this.#pluginData }),
    };
    if (isWoken) {
      mkdirSync(join(this.#pluginData, "wake"), { recursive: true });
      writeFileSync(this.#spool, "");
      writeFileSync(`${this.#spool}.monitor`, String(process.pid));
    }
    const server = await ServerProcess.start({ ...this.#env, ...session }, SERVER);
    this.servers.push(server);
    return server;
  }

  /** The person writes in a session. @returns what the hook says */
  async prompt(session: ServerProcess): Promise<string> {
    const id = this.#sessionId(this.servers.indexOf(session));
    return (await session.call("prompt_hook", { session_id: id, prompt: "hi", permission_mode: "default" })).text;
  }

  /** Unique, as the client's are: a session is not told of messages with its own id. */
  #sessionId(index: number): string {
    return `${this.name}-session-${index}`;
  }

  /**
   * How many unread messages each session knows of, as its server has written for the status line: a little later than it
   * knows, and the servers are not kept busy by the question.
   */
  knownUnread(): number[] {
    const paths = photonPaths(this.#env);
    return this.servers.map((_, i) => readSession(paths, this.#sessionId(i)).unread ?? 0);
  }

  /** What the client's monitor of the session has to read; empty when there is nothing. */
  wakeLine(): string {
    return readFileSync(this.#spool, "utf8").trimEnd();
  }

  get #pluginData(): string {
    return join(this.#env.PHOTON_HOME ?? "", "plugin data");
  }

  /** Named by the client's process, which this one stands for. */
  get #spool(): string {
    return join(this.#pluginData, "wake", String(process.pid));
  }

  /** Memory of each session's server, in MB. Only Linux tells it. */
  residentMb(): number[] {
    return this.servers.map(({ pid }) => {
      const [, kb = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      return Number(kb) / 1024;
    });
  }

  async end(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}
