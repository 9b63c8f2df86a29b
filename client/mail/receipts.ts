import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { MESSAGE_ID } from "../../contract/address.ts";
import { computerId } from "../disk/computer-id.ts";
import type { Paths } from "../disk/paths.ts";
import { namesIn, numberField, readPrivateJson, recordOf, removeFile, writePrivateJson } from "../disk/private-file.ts";

/** Receipts that the bridge may not have yet. */
export interface PendingReceipts {
  readonly files: readonly string[];
  /** Message ids. Read messages are included only if they were also shown. */
  readonly shown: readonly string[];
  readonly read: readonly string[];
  /** Resumed handovers, which also count as read. */
  readonly taken: readonly string[];
  /** Handovers whose work was undone here after they were resumed: neither resumed nor read. */
  readonly undone: readonly string[];
  /** When the oldest was written, in milliseconds since 1970 by this machine's clock. */
  readonly since: number | null;
}

interface Receipts {
  /** The address of their bridge. */
  readonly workerUrl: string;
  /** The name under which this machine showed and read them. */
  readonly reader: string;
  readonly shown?: readonly string[];
  readonly read?: readonly string[];
  readonly taken?: readonly string[];
  readonly undone?: readonly string[];
}

/**
 * Saves receipts on this disk until the bridge has them, so that neither a crash nor an outage loses any.
 *
 * @returns the file they are in
 * @throws the file system's own error (disk full, read-only home): then they are not kept
 */
export function addReceipts(
  paths: Pick<Paths, "outbox">,
  receipts: Receipts,
  now: number = Date.now(),
  computer: string | null = computerId(),
): string {
  const name = `${String(now).padStart(13, "0")}-${randomBytes(6).toString("hex")}.receipt.json`;
  const file = join(paths.outbox, name);
  writePrivateJson(file, { v: 1, at: now, computer, ...receipts });
  return file;
}

/**
 * All queued receipts, oldest first. A damaged file is set aside.
 *
 * @param workerUrl - the bridge's address; undefined means any bridge
 * @param reader - this machine's name
 */
export function readReceipts(
  paths: Pick<Paths, "outbox">,
  workerUrl: string | undefined,
  reader: string,
): PendingReceipts {
  const shown = new Set<string>();
  const read = new Set<string>();
  const taken = new Set<string>();
  const undone = new Set<string>();
  const files: string[] = [];
  let since: number | null = null;
  for (const name of namesIn(paths.outbox, NAME)) {
    const file = join(paths.outbox, name);
    const record = recordOf(readPrivateJson(file));
    if (!record || record.workerUrl !== (workerUrl ?? record.workerUrl)) continue;
    // Another computer that shares this home read them under a name of its own, and sends them itself.
    if (record.reader !== reader && (record.computer ?? computerId()) !== computerId()) continue;
    files.push(file);
    const at = numberField(record, "at") ?? 0;
    since = since === null ? at : Math.min(since, at);
    for (const id of idsOf(record.shown)) shown.add(id);
    for (const id of idsOf(record.read)) read.add(id);
    for (const id of idsOf(record.taken)) taken.add(id);
    for (const id of idsOf(record.undone)) {
      read.delete(id);
      taken.delete(id);
      undone.add(id);
    }
    for (const id of [...idsOf(record.read), ...idsOf(record.taken)]) undone.delete(id);
  }
  return { files, shown: [...shown], read: [...read], taken: [...taken], undone: [...undone], since };
}

/**
 * Ids of messages that were marked read here, which the bridge may not know yet. They must not be shown or counted as
 * unread again on this machine.
 *
 * @param workerUrl - the bridge's address
 */
export function queuedReadIds(paths: Pick<Paths, "outbox">, workerUrl: string, reader: string): ReadonlySet<string> {
  const { read, taken } = readReceipts(paths, workerUrl, reader);
  return new Set([...read, ...taken]);
}

/** Whether receipts are queued for this bridge. */
export function hasReceipts(paths: Pick<Paths, "outbox">, workerUrl: string, reader: string): boolean {
  return readReceipts(paths, workerUrl, reader).files.length > 0;
}

/** Removes receipts that the bridge has, or will never accept. */
export function removeReceipts(files: readonly string[]): void {
  for (const file of files) removeFile(file);
}

function idsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((id): id is string => typeof id === "string" && ID.test(id)) : [];
}

const ID = new RegExp(`^${MESSAGE_ID}$`);

const NAME = /^\d{13}-[0-9a-f]+\.receipt\.json$/;
