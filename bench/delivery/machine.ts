import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { photonPaths } from "../../client/paths.ts";
import { readUnread } from "../../client/unread-cache.ts";
import { usersNode } from "../../scripts/users-node.ts";
import { ServerProcess } from "../../test/support/server-process.ts";

const SERVER = { node: usersNode(), file: fileURLToPath(new URL("../../dist/server.mjs", import.meta.url)) };

/** One computer: some sessions' servers, built as users have them, that share a folder. */
export class Machine {
  readonly name: string;
  readonly #env: Record<string, string>;
  readonly servers: ServerProcess[] = [];

  constructor(name: string, folder: string, bridge: { url: string; key: string }) {
    this.name = name;
    this.#env = {
      PHOTON_HOME: join(folder, name),
      BRIDGE_WORKER_URL: bridge.url,
      BRIDGE_API_KEY: bridge.key,
      BRIDGE_MACHINE_ID: name,
      BRIDGE_PROJECT: "demo",
    };
  }

  /** @param options.isWoken - by any mail, as in a client's terminal whose monitor runs */
  async openSession({ isWoken = false } = {}): Promise<ServerProcess> {
    const session = {
      CLAUDE_CODE_SESSION_ID: `session-${this.servers.length}`,
      ...(isWoken && { PHOTON_WAKE: "all", CLAUDE_CODE_ENTRYPOINT: "cli", CLAUDE_PLUGIN_DATA: this.#pluginData }),
    };
    if (isWoken) {
      mkdirSync(join(this.#pluginData, "wake"), { recursive: true });
      writeFileSync(`${this.#spool}.monitor`, String(process.pid));
    }
    const server = await ServerProcess.start({ ...this.#env, ...session }, SERVER);
    this.servers.push(server);
    return server;
  }

  /** What every session of this machine can know without asking anybody. */
  knownUnread(): number {
    return readUnread(photonPaths(this.#env), `${this.name}/demo`)?.summary.unread ?? 0;
  }

  /** What the client's monitor of the session has to read; empty when nothing. */
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

  /** Memory of each session's server, in MB. Linux alone says it. */
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
