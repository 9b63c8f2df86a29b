import { join } from "node:path";
import type { MessageDraftInput } from "../../contract/message.ts";
import type { Paths } from "../disk/paths.ts";
import {
  namesIn,
  numberField,
  readPrivateJson,
  recordOf,
  removeFile,
  textField,
  writePrivateJson,
} from "../disk/private-file.ts";

/** A draft on its way out. It has its id from the start: every attempt to send it uses the same one. */
export type OutgoingDraft = MessageDraftInput & { readonly id: string };

/** Where a message may go, fixed when it is written. */
export interface Destination {
  /** The bridge's address; null when this machine knew none: then the next one it knows. */
  readonly workerUrl: string | null;
  /** Whether a machine that has joined wrote it: only such a machine may send it. */
  readonly mustEncrypt: boolean;
}

export interface OutboxEntry extends Destination {
  readonly file: string;
  /** When it was sent, in this machine's milliseconds since 1970. */
  readonly queuedAt: number;
  /** Whether a person wrote it themselves. */
  readonly author: "person" | "agent";
  /** Not parsed yet: whoever delivers it checks it against the contract. */
  readonly draft: unknown;
}

/**
 * Puts a message into the outbox. When this returns, the message survives a crash of this process. Entries are delivered
 * in the order of their names; a clock that was set back does not let a later message overtake an earlier one.
 *
 * @throws the file system's own error (disk full, read-only home): then nothing was kept
 */
export function enqueue(
  paths: Paths,
  draft: OutgoingDraft,
  { workerUrl, mustEncrypt }: Destination,
  { now = Date.now(), author = "agent" }: { readonly now?: number; readonly author?: "person" | "agent" } = {},
): void {
  const newest = Number(namesIn(paths.outbox, WAITING).at(-1)?.slice(0, TIME_DIGITS) ?? 0);
  const time = Math.max(now, newest + 1);
  writePrivateJson(join(paths.outbox, `${String(time).padStart(TIME_DIGITS, "0")}-${draft.id}.json`), {
    v: 1,
    queuedAt: now,
    author,
    ...(workerUrl !== null && { workerUrl }),
    mustEncrypt,
    draft,
  });
}

/** Milliseconds since 1970 have 13 digits until the year 2286. */
const TIME_DIGITS = 13;

const WAITING = /^\d{13}-[^.]+\.json$/;
const REFUSED = /^\d{13}-[^.]+\.refused\.json$/;

/** How many messages wait on this disk for a bridge; null: for any. */
export function outboxLength(paths: Paths, workerUrl: string | null): number {
  const bridgeOf = (name: string) => textField(readPrivateJson(join(paths.outbox, name)), "workerUrl") ?? workerUrl;
  return namesIn(paths.outbox, WAITING).filter((name) => [null, bridgeOf(name)].includes(workerUrl)).length;
}

/** The waiting messages, oldest first. A damaged file is set aside and left out. */
export function readOutbox(paths: Paths): OutboxEntry[] {
  return namesIn(paths.outbox, WAITING).flatMap((name) => {
    const file = join(paths.outbox, name);
    const entry = recordOf(readPrivateJson(file));
    if (!entry) return [];
    const queuedAt = numberField(entry, "queuedAt") ?? Number(name.slice(0, TIME_DIGITS));
    return [
      {
        ...{ file, queuedAt, author: entry.author === "person" ? "person" : "agent", draft: entry.draft },
        ...{ workerUrl: textField(entry, "workerUrl") ?? null, mustEncrypt: entry.mustEncrypt !== false },
      },
    ];
  });
}

/** Takes a message out that the bridge has acknowledged. */
export function removeEntry(entry: OutboxEntry): void {
  removeFile(entry.file);
}

/** Sets a message aside that can never be delivered, with the reason, so that it does not block the rest. */
export function failEntry(entry: OutboxEntry, reason: string): void {
  const { file, queuedAt, author, workerUrl, draft } = entry;
  const refused = file.replace(/\.json$/, ".refused.json");
  writePrivateJson(refused, { v: 1, queuedAt, author, workerUrl, failedAt: Date.now(), reason, draft });
  removeFile(file);
}

/** Whether the message with this id still waits here. */
export function isWaiting(paths: Paths, id: string): boolean {
  return namesIn(paths.outbox, WAITING).some((name) => name.endsWith(`-${id}.json`));
}

/** A message the bridge refused permanently. */
export interface FailedMessage {
  readonly file: string;
  readonly failedAt: number;
  readonly reason: string;
  /** Whether somebody was told. */
  readonly isTold: boolean;
  readonly draft: unknown;
}

export function readFailed(paths: Paths): FailedMessage[] {
  return namesIn(paths.outbox, REFUSED).flatMap((name) => {
    const file = join(paths.outbox, name);
    const entry = readPrivateJson(file);
    const reason = textField(entry, "reason");
    if (reason === undefined) return [];
    const { draft, toldAt } = recordOf(entry) ?? {};
    return [{ file, failedAt: numberField(entry, "failedAt") ?? 0, reason, isTold: toldAt !== undefined, draft }];
  });
}

/** Notes that somebody was told of it, so that it is said once. Never throws: once too often harms less. */
export function noteFailureTold({ file }: FailedMessage, now: number = Date.now()): void {
  try {
    const entry = recordOf(readPrivateJson(file));
    if (entry) writePrivateJson(file, { ...entry, toldAt: now });
  } catch {
    // the disk takes nothing
  }
}

/** Why the bridge refused the message with this id, or null when it did not. */
export function failureOf(paths: Paths, id: string): FailedMessage | null {
  return readFailed(paths).find(({ file }) => file.endsWith(`-${id}.refused.json`)) ?? null;
}
