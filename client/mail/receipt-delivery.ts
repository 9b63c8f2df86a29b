import { join } from "node:path";
import { MAX_IDS_PER_REQUEST } from "../../contract/message.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { Lease } from "../disk/lease.ts";
import type { Paths } from "../disk/paths.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import { addShown } from "./mail-log.ts";
import type { Outbox } from "./outbox.ts";
import { addReceipts, readButNotTold, readReceipts, removeReceipts } from "./receipts.ts";

/** What became of marking messages read. */
export type Marking =
  /** The bridge knows. `marked` is how many of the messages it has. */
  | { readonly state: "marked"; readonly marked: number }
  /** On this disk: here they are read, and the bridge is told as soon as it can be. */
  | { readonly state: "kept"; readonly reason: string };

/** Longer than the calls of one {@link ReceiptDelivery.flushOlder} take; a process that died holds up nobody longer. */
const LEASE_MS = 60_000;

/** Tells the bridge what this machine was shown and has read, and keeps it on this disk until the bridge knows. */
export class ReceiptDelivery {
  readonly #access: BridgeAccess;
  readonly #outbox: Outbox;
  readonly #paths: Paths;
  /** This machine's name. */
  readonly #reader: string;
  /** The bridge's address. */
  readonly #workerUrl: string;
  readonly #now: () => number;
  readonly #lease: Lease;

  constructor(access: BridgeAccess, outbox: Outbox) {
    const { config, paths, now } = access;
    this.#access = access;
    this.#outbox = outbox;
    this.#paths = paths;
    this.#reader = config.machine;
    this.#workerUrl = config.workerUrl ?? "";
    this.#now = now;
    this.#lease = new Lease(join(paths.leases, "receipts"), LEASE_MS, now);
  }

  /**
   * Notes that the texts of these messages reached somebody here; to be called when they have. The bridge is told with
   * the next mark, or by {@link flush}. Never throws: on a disk that takes nothing no receipt is better than a wrong one.
   */
  noteShown(ids: readonly string[]): void {
    try {
      const fresh = addShown(this.#paths, ids, this.#now());
      if (fresh.length > 0) addReceipts(this.#paths, { workerUrl: this.#workerUrl, shown: fresh }, this.#now());
    } catch {
      // said above
    }
  }

  /**
   * Marks messages read, at most 100: first here, then on the bridge. Delivers the outbox too.
   *
   * @throws PhotonError if the bridge refused it, or cannot be reached and the disk takes nothing either
   */
  markRead(ids: readonly string[]): Promise<Marking> {
    return this.#outbox.afterDelivery(() => this.#markRead(ids));
  }

  async #markRead(ids: readonly string[]): Promise<Marking> {
    const before = readReceipts(this.#paths, this.#workerUrl);
    const kept = this.#keep(ids);
    try {
      const { marked } = await this.#tell(ids, before.shown);
      const isAllTold = before.read.length + before.taken.length === 0 && before.shown.length <= MAX_IDS_PER_REQUEST;
      removeReceipts([...(kept === null ? [] : [kept]), ...(isAllTold ? before.files : [])]);
      return { state: "marked", marked };
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error;
      if (kept !== null && error.retryable && error.code !== "not_set_up")
        return { state: "kept", reason: error.message };
      if (kept !== null) removeReceipts([kept]);
      throw error;
    }
  }

  /**
   * Notes that a handover was resumed here, so that its sender sees it.
   *
   * @returns whether the bridge knows; if not, Photon retries
   * @throws the file system's own error (disk full, read-only home)
   */
  async noteResumed(id: string): Promise<boolean> {
    addReceipts(this.#paths, { workerUrl: this.#workerUrl, taken: [id] }, this.#now());
    try {
      await this.flush();
      return true;
    } catch (error) {
      if (error instanceof PhotonError) return false;
      throw error;
    }
  }

  /** Ids of the messages that were marked read here and that this bridge may not know of yet. */
  get readHere(): ReadonlySet<string> {
    return readButNotTold(this.#paths, this.#workerUrl);
  }

  /** @returns the file; null when the disk takes nothing */
  #keep(read: readonly string[]): string | null {
    try {
      return addReceipts(this.#paths, { workerUrl: this.#workerUrl, read }, this.#now());
    } catch {
      return null;
    }
  }

  /** How long the oldest receipt has waited, in milliseconds; null when none does. */
  get oldestMs(): number | null {
    const { since } = readReceipts(this.#paths, this.#workerUrl);
    return since === null ? null : Math.abs(this.#now() - since);
  }

  /**
   * Tells the bridge everything that waits, when the oldest of it has waited for so long and no other process of this
   * machine is telling it.
   *
   * @throws PhotonError when the bridge cannot be told now; then it waits on
   * @throws the file system's own error
   */
  async flushOlder(thanMs: number): Promise<void> {
    if ((this.oldestMs ?? -1) < thanMs || !this.#lease.tryAcquire()) return;
    try {
      if ((this.oldestMs ?? -1) >= thanMs) await this.flush(); // another process may have told it meanwhile
    } finally {
      this.#lease.release();
    }
  }

  /** Tells the bridge everything that waits. @throws PhotonError when it cannot be told now; then it waits on */
  async flush(): Promise<void> {
    const pending = readReceipts(this.#paths, this.#workerUrl);
    const read = chunks(pending.read);
    const shown = chunks(pending.shown);
    try {
      for (let i = 0; i < Math.max(read.length, shown.length); i++) await this.#tell(read[i] ?? [], shown[i] ?? []);
      for (const ids of chunks(pending.taken)) {
        await this.#access.api.call("markResumed", { body: { reader: this.#reader, ids } });
      }
    } catch (error) {
      if (!(error instanceof PhotonError) || error.retryable) throw error;
      removeReceipts(pending.files); // they will never be taken, and must not be in the way
      throw error;
    }
    removeReceipts(pending.files);
  }

  async #tell(read: readonly string[], shown: readonly string[]): Promise<{ marked: number }> {
    const also = shown.slice(0, MAX_IDS_PER_REQUEST);
    const reader = this.#reader;
    if (read.length === 0) {
      await this.#access.api.call("markShown", { body: { reader, ids: [...also] } });
      return { marked: 0 };
    }
    const body = { reader, ids: [...read], ...(also.length > 0 && { shown: [...also] }) };
    return this.#access.api.call("markManyRead", { body });
  }
}

function chunks(ids: readonly string[]): string[][] {
  const all: string[][] = [];
  for (let start = 0; start < ids.length; start += MAX_IDS_PER_REQUEST) {
    all.push(ids.slice(start, start + MAX_IDS_PER_REQUEST));
  }
  return all;
}
