import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../../client/api-client.ts";
import { isSetUp, loadConfig } from "../../client/config.ts";
import { Leader } from "../../client/leader.ts";
import { readShown } from "../../client/mail/mail-log.ts";
import { Mailbox, type Outgoing } from "../../client/mailbox.ts";
import { type Paths, photonPaths } from "../../client/paths.ts";
import { PhotonError } from "../../client/photon-error.ts";
import { readUnread } from "../../client/unread-cache.ts";
import type { Message } from "../../contract/message.ts";
import { type Serve, WorkerDispatcher } from "./worker-dispatcher.ts";

/** Where there is a file system in memory, because a simulated day syncs more files than a disk does in a minute. */
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Of the times that messages are shown; then the bridge is told apart that they were. */
const READ_LATER_SHARE = 0.2;
const READ_LATER_MS = 100_000;

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
  readonly #mailbox: Mailbox;
  readonly #leader: Leader;
  readonly #home: string;
  readonly #paths: Paths;
  readonly #watcher: Watcher;
  /** When the question was asked that the bridge last answered with news. */
  #newsAt: number | undefined;
  /** The bridge had news, and not all of it could be fetched. */
  #hasMore = false;
  /** Shown, and left unread for a while. */
  readonly #toMark = new Map<string, number>();
  /** A number in [0, 1), another each time. */
  readonly #next: () => number;
  readonly #now: () => number;
  readonly #api: ApiClient;
  /** Marked here, and not yet acknowledged by the bridge. */
  readonly #kept = new Set<string>();

  constructor(
    name: string,
    sessions: number,
    { now, next, serve, watcher }: { now: () => number; next: () => number; serve: Serve; watcher: Watcher },
  ) {
    this.name = name;
    this.#next = next;
    this.#now = now;
    this.#watcher = watcher;
    this.#home = mkdtempSync(join(MEMORY, "photon simulated "));
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
    const wholeMs = () => Math.floor(now());
    this.#api = new ApiClient(config, new WorkerDispatcher(serve));
    const open = () =>
      new Mailbox(config, this.#paths, { api: new ApiClient(config, new WorkerDispatcher(serve)), now: wholeMs });
    this.#mailbox = open();
    this.#leader = new Leader(this.#paths, () => this.#mailbox, wholeMs);
    this.sessions = Array.from({ length: sessions }, open);
  }

  /** Messages that the bridge has not acknowledged. */
  get waiting(): number {
    return this.#mailbox.waiting;
  }

  /** Sends what one session has to say. What is not acknowledged waits for the next call of any of them. */
  async send(session: number, outgoing: Outgoing): Promise<string | undefined> {
    return (await this.sessions[session]?.send(outgoing))?.id;
  }

  /** Deletes a message for everyone, or fails to. */
  async delete(id: string): Promise<void> {
    await this.#api.call("deleteMessage", { id }).catch(throwUnlessLost);
  }

  /** Deletes everything, or fails to. */
  async clear(): Promise<void> {
    await this.#mailbox.clear().catch(throwUnlessLost);
  }

  /** What the leader does, and a session that reads what there is. A call that got no answer is repeated next time. */
  async tick(): Promise<void> {
    await this.#leader.tick();
    try {
      if (this.#kept.size > 0) await this.#tellKept();
      await this.#markDue();
      const known = readUnread(this.#paths, this.#mailbox.self);
      const newsAt = known?.tag?.askedAt;
      if (newsAt === this.#newsAt && !this.#hasMore) return;
      this.#newsAt = newsAt;
      this.#hasMore = known !== null && known.summary.unread > 0;
      if (this.#hasMore) await this.#show();
      this.#hasMore = false;
    } catch (error) {
      throwUnlessLost(error);
    }
  }

  /** How many messages the bridge calls unread when it is asked without a tag. */
  async unread(): Promise<number> {
    for (;;) {
      try {
        return (await this.#mailbox.unread()).unread;
      } catch (error) {
        throwUnlessLost(error);
      }
    }
  }

  /** Every message that the bridge has for this machine. */
  async everything(): Promise<Message[]> {
    const all: Message[] = [];
    for (let cursor: string | undefined; ; ) {
      try {
        const page = await this.#mailbox.list({ limit: "100", ...(cursor && { cursor }) });
        all.push(...page.messages);
        cursor = page.cursor;
        if (cursor === undefined) return all;
      } catch (error) {
        throwUnlessLost(error);
      }
    }
  }

  async #show(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#mailbox.list({ unread: "true", limit: "100", ...(cursor && { cursor }) });
      const ids = page.messages.map(({ id }) => id);
      this.#watcher.offered(this.name, ids);
      const seen = readShown(this.#paths);
      const fresh = ids.filter((id) => !seen.has(id));
      for (const id of fresh) this.#watcher.shown(this.name, id);
      this.#mailbox.receipts.noteShown(fresh);
      if (this.#next() >= READ_LATER_SHARE) await this.#mark(ids);
      else for (const id of fresh) this.#toMark.set(id, this.#now() + READ_LATER_MS);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  async #markDue(): Promise<void> {
    const due = [...this.#toMark].filter(([, at]) => at <= this.#now());
    await this.#mark(due.slice(0, 100).map(([id]) => id));
  }

  async #mark(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { state } = await this.#mailbox.markRead(ids);
    for (const id of ids) this.#toMark.delete(id);
    if (state === "marked") this.#watcher.marked(this.name, ids);
    else for (const id of ids) this.#kept.add(id);
  }

  async #tellKept(): Promise<void> {
    const kept = [...this.#kept];
    await this.#mailbox.receipts.flush();
    this.#watcher.marked(this.name, kept);
    for (const id of kept) this.#kept.delete(id);
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}

function throwUnlessLost(error: unknown): void {
  if (!(error instanceof PhotonError && error.code === "offline")) throw error;
}
