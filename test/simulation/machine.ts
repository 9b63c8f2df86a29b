import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../../client/api-client.ts";
import { isSetUp, loadConfig } from "../../client/config.ts";
import { Mailbox, type Outgoing } from "../../client/mailbox.ts";
import { type Paths, photonPaths } from "../../client/paths.ts";
import { PhotonError } from "../../client/photon-error.ts";
import { addSeen, readSeen } from "../../client/seen-set.ts";
import { type Serve, WorkerDispatcher } from "./worker-dispatcher.ts";

/** What happens on a machine, as whoever watches it would write it down. */
export interface Watcher {
  shown(machine: string, id: string): void;
  /** The bridge has acknowledged that these are read. */
  marked(machine: string, ids: readonly string[]): void;
  /** The bridge calls these unread. */
  offered(machine: string, ids: readonly string[]): void;
}

/**
 * One machine with the real client library: its sessions share a home; one of its processes checks for all of them,
 * shows what is new and marks it read.
 */
export class Machine {
  readonly name: string;
  readonly sessions: readonly Mailbox[];
  readonly #leader: Mailbox;
  readonly #home: string;
  readonly #paths: Paths;
  readonly #watcher: Watcher;
  #etag: string | undefined;
  /** Shown, and not yet acknowledged as read. */
  readonly #toMark = new Set<string>();

  constructor(name: string, sessions: number, serve: Serve, watcher: Watcher) {
    this.name = name;
    this.#watcher = watcher;
    this.#home = mkdtempSync(join(tmpdir(), "photon simulated "));
    const env = {
      PHOTON_HOME: this.#home,
      BRIDGE_WORKER_URL: "https://bridge.example",
      BRIDGE_API_KEY: "key",
      BRIDGE_MACHINE_ID: name,
      BRIDGE_PROJECT: "photon",
    };
    this.#paths = photonPaths(env);
    const config = loadConfig({ env, paths: this.#paths, folder: this.#home });
    if (!isSetUp(config)) throw new Error("The simulated machine is not set up.");
    const open = () => new Mailbox(config, this.#paths, new ApiClient(config, new WorkerDispatcher(serve)));
    this.#leader = open();
    this.sessions = Array.from({ length: sessions }, open);
  }

  /** Messages that the bridge has not acknowledged. */
  get waiting(): number {
    return this.#leader.waiting;
  }

  /** Sends what one session has to say. What is not acknowledged waits for the next call of any of them. */
  async send(session: number, outgoing: Outgoing): Promise<void> {
    await this.sessions[session]?.send(outgoing);
  }

  /** What the leader does every 30 seconds. A call that got no answer is repeated next time. */
  async check(): Promise<void> {
    try {
      await this.#mark();
      const answer = await this.#leader.unreadIfChanged(this.#etag);
      if (!answer) return;
      if (answer.summary.unread > 0) await this.#show();
      this.#etag = answer.etag;
      await this.#mark();
    } catch (error) {
      throwUnlessLost(error);
    }
  }

  /** How many messages the bridge calls unread when it is asked without a tag. */
  async unread(): Promise<number> {
    for (;;) {
      try {
        return (await this.#leader.unread()).unread;
      } catch (error) {
        throwUnlessLost(error);
      }
    }
  }

  async #show(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#leader.list({ unread: "true", limit: "100", ...(cursor && { cursor }) });
      const ids = page.messages.map(({ id }) => id);
      this.#watcher.offered(this.name, ids);
      const seen = readSeen(this.#paths);
      const fresh = ids.filter((id) => !seen.has(id));
      for (const id of fresh) this.#watcher.shown(this.name, id);
      addSeen(this.#paths, fresh);
      for (const id of fresh) this.#toMark.add(id);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  async #mark(): Promise<void> {
    const ids = [...this.#toMark].slice(0, 100);
    if (ids.length === 0) return;
    this.#etag = undefined; // it counts them as unread
    await this.#leader.markManyRead(ids);
    this.#watcher.marked(this.name, ids);
    for (const id of ids) this.#toMark.delete(id);
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}

function throwUnlessLost(error: unknown): void {
  if (!(error instanceof PhotonError && error.code === "offline")) throw error;
}
