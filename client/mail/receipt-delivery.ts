import { join } from "node:path";
import { MAX_IDS_PER_REQUEST } from "../../contract/constants.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { Lease } from "../disk/lease.ts";
import type { Paths } from "../disk/paths.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import { addShown } from "./mail-log.ts";
import type { Outbox } from "./outbox.ts";
import { addReceipts, queuedReadIds, readReceipts, removeReceipts } from "./receipts.ts";

/** The result of marking messages read. */
export type Marking =
  /** The bridge knows. `marked` counts the messages that it has. */
  | { readonly state: "marked"; readonly marked: number }
  /** Saved on this disk: they count as read here, and Photon retries until the bridge knows. */
  | { readonly state: "kept"; readonly reason: string };

/** Longer than one {@link ReceiptDelivery.flushOlder}. If a process dies, the others wait no longer than this. */
const LEASE_MS = 60_000;

/** Sends this machine's receipts (shown, read, resumed) to the bridge, and keeps them on this disk until it has them. */
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
   * Records that these messages were shown. Call it after their texts were shown. The receipts are sent when messages are
   * next marked read, or by {@link flush}. Never throws: if the disk cannot be written, the receipts are dropped.
   */
  noteShown(ids: readonly string[]): void {
    try {
      const fresh = addShown(this.#paths, ids, this.#now());
      if (fresh.length > 0)
        addReceipts(this.#paths, { workerUrl: this.#workerUrl, reader: this.#reader, shown: fresh }, this.#now());
    } catch {
      // a missing receipt is better than a wrong one
    }
  }

  /**
   * Marks at most 100 messages read, first here, then on the bridge. Also delivers the outbox.
   *
   * @throws PhotonError if the bridge refuses, or if neither the bridge nor the disk is available
   */
  markRead(ids: readonly string[]): Promise<Marking> {
    return this.#outbox.afterDelivery(() => this.#markRead(ids));
  }

  async #markRead(ids: readonly string[]): Promise<Marking> {
    const before = readReceipts(this.#paths, this.#workerUrl, this.#reader);
    const kept = this.#keep(ids);
    try {
      const { marked } = await this.#tell(ids, before.shown);
      const isAllTold =
        before.read.length + before.taken.length + before.undone.length === 0 &&
        before.shown.length <= MAX_IDS_PER_REQUEST;
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
   * Records that a handover was resumed here, so that its sender sees it.
   *
   * @returns whether the bridge knows; if not, Photon retries
   * @throws the file system's own error (disk full, read-only home)
   */
  noteResumed(id: string): Promise<boolean> {
    return this.#note({ taken: [id] });
  }

  /**
   * Records that the work of a resumed handover was undone here: the sender no longer sees it as resumed, and it is unread
   * again. A bridge before 0.7 cannot know this; there the handover stays resumed.
   *
   * @returns whether the bridge was told; if not, Photon retries
   * @throws the file system's own error (disk full, read-only home)
   */
  noteUndone(id: string): Promise<boolean> {
    return this.#note({ undone: [id] });
  }

  async #note(receipts: { readonly taken: string[] } | { readonly undone: string[] }): Promise<boolean> {
    addReceipts(this.#paths, { workerUrl: this.#workerUrl, reader: this.#reader, ...receipts }, this.#now());
    try {
      await this.flush();
      return true;
    } catch (error) {
      if (error instanceof PhotonError) return false;
      throw error;
    }
  }

  /** Ids of messages that were marked read here, which the bridge may not know yet. */
  get readHere(): ReadonlySet<string> {
    return queuedReadIds(this.#paths, this.#workerUrl, this.#reader);
  }

  /** @returns the file; null if the disk cannot be written */
  #keep(read: readonly string[]): string | null {
    try {
      return addReceipts(this.#paths, { workerUrl: this.#workerUrl, reader: this.#reader, read }, this.#now());
    } catch {
      return null;
    }
  }

  /** How long the oldest receipt has been queued, in milliseconds. */
  get oldestMs(): number | null {
    const { since } = readReceipts(this.#paths, this.#workerUrl, this.#reader);
    return since === null ? null : Math.abs(this.#now() - since);
  }

  /**
   * Sends all queued receipts if the oldest is at least this old and no other process on this machine is sending them.
   *
   * @throws PhotonError if the bridge does not accept them now; then they stay queued
   * @throws the file system's own error
   */
  async flushOlder(thanMs: number): Promise<void> {
    if ((this.oldestMs ?? -1) < thanMs || !this.#lease.tryAcquire()) return;
    try {
      if ((this.oldestMs ?? -1) >= thanMs) await this.flush(); // another process may have sent them
    } finally {
      this.#lease.release();
    }
  }

  /** Sends all queued receipts. @throws PhotonError if the bridge does not accept them now; retryable ones stay queued */
  async flush(): Promise<void> {
    const pending = readReceipts(this.#paths, this.#workerUrl, this.#reader);
    const read = chunks(pending.read);
    const shown = chunks(pending.shown);
    try {
      for (let i = 0; i < Math.max(read.length, shown.length); i++) await this.#tell(read[i] ?? [], shown[i] ?? []);
      for (const ids of chunks(pending.taken)) {
        await this.#access.api.call("markResumed", { body: { reader: this.#reader, ids } });
      }
      for (const ids of chunks(pending.undone)) await this.#tellUndone(ids);
    } catch (error) {
      if (!(error instanceof PhotonError) || error.retryable) throw error;
      removeReceipts(pending.files); // they will never be accepted, and must not block others
      throw error;
    }
    removeReceipts(pending.files);
  }

  /** An older bridge refuses it. That must not lose the other receipts. */
  async #tellUndone(ids: readonly string[]): Promise<void> {
    try {
      await this.#access.api.call("markResumed", { body: { reader: this.#reader, ids: [...ids], undone: true } });
    } catch (error) {
      if (!(error instanceof PhotonError) || error.code !== "invalid_request") throw error;
    }
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
