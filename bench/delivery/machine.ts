import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { photonPaths } from "../../client/disk/paths.ts";
import { readSession } from "../../client/sessions/session-state.ts";
import { usersNode } from "../../scripts/users-node.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import type { RunningScript } from "../bridge/running-script.ts";
import { KEY } from "../bridge/with-script.ts";

/** The address and key of a running script. */
export function bridgeOf({ url }: RunningScript): { url: string; key: string } {
  return { url, key: KEY };
}

const SERVER = { node: usersNode(), file: fileURLToPath(new URL("../../dist/server.mjs", import.meta.url)) };

/** One machine: the servers of several sessions, built as for users, with a shared folder. */
export class Machine {
  readonly name: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly servers: ServerProcess[] = [];

  constructor(name: string, env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#env = env;
  }

  /** A machine that has not joined. */
  static withSharedKey(name: string, folder: string, bridge: { url: string; key: string }): Machine {
    return new Machine(name, {
      PHOTON_HOME: join(folder, name),
      BRIDGE_WORKER_URL: bridge.url,
      BRIDGE_API_KEY: bridge.key,
      BRIDGE_MACHINE_ID: name,
      BRIDGE_PROJECT: "demo",
    });
  }

  /** @param options.isWoken - any mail wakes the session, as in a terminal whose client runs mods */
  async openSession({ isWoken = false } = {}): Promise<ServerProcess> {
    const session = {
      CLAUDE_CODE_SESSION_ID: this.#sessionId(this.servers.length),
      ...(isWoken && { PHOTON_WAKE: "all", CLAUDE_CODE_ENTRYPOINT: "cli" }),
    };
    const server = await ServerProcess.start({ ...this.#env, ...session }, SERVER);
    this.servers.push(server);
    return server;
  }

  /** Submits a prompt in a session. @returns the output of the hook */
  async prompt(session: ServerProcess): Promise<string> {
    const id = this.#sessionId(this.servers.indexOf(session));
    return (await session.call("prompt_hook", { session_id: id, prompt: "hi", permission_mode: "default" })).text;
  }

  /** Session ids must be unique: a session is not told of messages with its own id. */
  #sessionId(index: number): string {
    return `${this.name}-session-${index}`;
  }

  /**
   * The unread count of each session, read from the file that its server writes for the status line. That is slightly later
   * than the server knows, but does not keep the servers busy.
   */
  knownUnread(): number[] {
    const paths = photonPaths(this.#env);
    return this.servers.map((_, i) => readSession(paths, this.#sessionId(i)).unread ?? 0);
  }

  /** Looks like the mod of an idle session. @returns the text that starts a turn; empty if there is none */
  async wakeText(session: ServerProcess): Promise<string> {
    const { text } = await session.call("check_messages", { glance: "idle" });
    return String(JSON.parse(text).wake);
  }

  /** The memory of each session's server, in MB. Only on Linux. */
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
