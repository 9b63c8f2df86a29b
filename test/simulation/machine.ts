import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { readShown } from "../../client/mail/mail-log.ts";
import { Mailbox } from "../../client/mail/mailbox.ts";
import type { Outgoing } from "../../client/mail/outbox.ts";
import { isSetUp, loadConfig } from "../../client/settings/config.ts";
import type { Ledger } from "./ledger.ts";
import { type Serve, WorkerNetwork } from "./worker-network.ts";

/** In memory if possible, because a simulated day syncs more files than a disk can in a minute. */
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** The share of shown messages that are marked read later, and the delay. */
const READ_LATER_SHARE = 0.2;
const READ_LATER_MS = 100_000;
const MAX_MARKED = 100;

interface MachineOptions {
  readonly now: () => number;
  /** Returns random numbers in [0, 1). */
  readonly next: () => number;
  readonly serve: Serve;
  readonly ledger: Ledger;
}

/**
 * One machine with the real client library: it sends, checks for mail, shows new messages and marks them read. Its state is
 * on its own disk, as on a real one.
 */
export class Machine {
  readonly name: string;
  readonly #mailbox: Mailbox;
  readonly #api: ApiClient;
  readonly #home: string;
  readonly #paths: Paths;
  readonly #options: MachineOptions;
  /** Shown messages, with the time in milliseconds of virtual time from which they may be marked read. */
  readonly #toMark = new Map<string, number>();
  #isBusy = false;

  constructor(name: string, options: MachineOptions) {
    this.name = name;
    this.#options = options;
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
    this.#api = new ApiClient(config, new WorkerNetwork(options.serve));
    this.#mailbox = new Mailbox(config, this.#paths, { api: this.#api, now: () => Math.floor(options.now()) });
  }

  /** Messages that the bridge has not acknowledged. */
  get waiting(): number {
    return this.#mailbox.outbox.waiting;
  }

  /** Sends a message. The next call repeats it if it is not acknowledged. @returns its id */
  async send(outgoing: Outgoing): Promise<string> {
    return (await this.#mailbox.outbox.send(outgoing)).id;
  }

  /** Tries to delete a message for everyone. */
  async delete(id: string): Promise<void> {
    await this.#api.call("deleteMessage", { id }).catch(throwUnlessLater);
  }

  /** Tries to delete everything. */
  async clear(): Promise<void> {
    await this.#mailbox.clear().catch(throwUnlessLater);
  }

  /** Checks for mail, shows it and marks it. Failed steps are repeated the next time. */
  async tick(): Promise<void> {
    if (this.#isBusy) return; // the last check still waits for KV
    this.#isBusy = true;
    try {
      await this.#mailbox.receipts.flush();
      await this.#markDue();
      if ((await this.#mailbox.unread.fetch()).unread > 0) await this.#show();
    } catch (error) {
      throwUnlessLater(error);
    } finally {
      this.#isBusy = false;
    }
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #show(): Promise<void> {
    const { ledger, next, now } = this.#options;
    let cursor: string | undefined;
    do {
      const page = await this.#mailbox.inbox.list({ unread: "true", limit: "100", ...(cursor && { cursor }) });
      const seen = readShown(this.#paths);
      const ids = page.messages.map(({ id }) => id);
      const fresh = page.messages.filter(({ id }) => !seen.has(id));
      for (const { id, content } of fresh) {
        const sent = ledger.find(id, content);
        if (sent) ledger.shown(this.name, sent);
      }
      this.#mailbox.receipts.noteShown(fresh.map(({ id }) => id));
      if (next() >= READ_LATER_SHARE) await this.#mark(ids);
      else for (const { id } of fresh) this.#toMark.set(id, now() + READ_LATER_MS);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  async #markDue(): Promise<void> {
    const due = [...this.#toMark].filter(([, at]) => at <= this.#options.now());
    await this.#mark(due.slice(0, MAX_MARKED).map(([id]) => id));
  }

  async #mark(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#mailbox.receipts.markRead(ids); // undelivered receipts are kept on disk and sent later
    for (const id of ids) this.#toMark.delete(id);
  }
}

/** Runs something that the client repeats after a failure. */
function throwUnlessLater(error: unknown): void {
  if (!(error instanceof PhotonError && error.retryable)) throw error;
}
