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

/** A draft to send. It has its id from the start, so that every attempt uses the same one. */
export type OutgoingDraft = MessageDraftInput & { readonly id: string };

/** Where a message may go, fixed when it is written. */
export interface Destination {
  /** The bridge's address; null if this machine had none: then the message goes to the first one it gets. */
  readonly workerUrl: string | null;
  /** Whether this machine had joined when it was written. If so, only a joined machine may send it. */
  readonly mustEncrypt: boolean;
}

export interface OutboxEntry extends Destination {
  readonly file: string;
  /** When the user sent it, in this machine's milliseconds since 1970. */
  readonly queuedAt: number;
  /** Whether a person wrote it themselves. */
  readonly author: "person" | "agent";
  /** Whether it is never sent unencrypted, not even where the person allowed that. */
  readonly onlyEncrypted: boolean;
  /** Whether no person asked for it, so that it may go without its capsule if the bridge has no room for that. */
  readonly isAutomatic: boolean;
  /** Why the bridge does not accept it now, although it accepts others; null if it was not tried. */
  readonly forbidden: string | null;
  /** Whether an attempt failed with an error that may be about this message alone. It then goes after the others. */
  readonly isSuspect: boolean;
  /** Not parsed yet; delivery checks it against the contract. */
  readonly draft: unknown;
}

export interface QueueOptions {
  readonly now?: number;
  readonly author?: "person" | "agent";
  /** See {@link OutboxEntry}. */
  readonly isAutomatic?: boolean;
  readonly onlyEncrypted?: boolean;
}

/**
 * Puts a message into the outbox. After it returns, the message survives a crash of this process. Entries are delivered in
 * the order of their names, which follow the order of sending even if the clock was set back.
 *
 * @throws the file system's own error (disk full, read-only home): then nothing is kept
 */
export function enqueue(
  paths: Paths,
  draft: OutgoingDraft,
  { workerUrl, mustEncrypt }: Destination,
  { now = Date.now(), author = "agent", isAutomatic = false, onlyEncrypted = false }: QueueOptions = {},
): void {
  const newest = Number(namesIn(paths.outbox, WAITING).at(-1)?.slice(0, TIME_DIGITS) ?? 0);
  const time = Math.max(now, newest + 1);
  writePrivateJson(join(paths.outbox, `${String(time).padStart(TIME_DIGITS, "0")}-${draft.id}.json`), {
    v: 1,
    queuedAt: now,
    author,
    ...(workerUrl !== null && { workerUrl }),
    mustEncrypt,
    ...(onlyEncrypted && { onlyEncrypted }),
    ...(isAutomatic && { isAutomatic }),
    draft,
  });
}

/** Milliseconds since 1970 have 13 digits until the year 2286. */
const TIME_DIGITS = 13;

const WAITING = /^\d{13}-[^.]+\.json$/;
const REFUSED = /^\d{13}-[^.]+\.refused\.json$/;

/** How many messages are queued for a bridge; with null, for any bridge. */
export function outboxLength(paths: Paths, workerUrl: string | null): number {
  const bridgeOf = (name: string) => textField(readPrivateJson(join(paths.outbox, name)), "workerUrl") ?? workerUrl;
  return namesIn(paths.outbox, WAITING).filter((name) => [null, bridgeOf(name)].includes(workerUrl)).length;
}

/** The queued messages, oldest first. A damaged file is set aside and left out. */
export function readOutbox(paths: Paths): OutboxEntry[] {
  return namesIn(paths.outbox, WAITING).flatMap((name) => {
    const file = join(paths.outbox, name);
    const entry = recordOf(readPrivateJson(file));
    if (!entry) return [];
    const queuedAt = numberField(entry, "queuedAt") ?? Number(name.slice(0, TIME_DIGITS));
    return [
      {
        ...{ file, queuedAt, author: entry.author === "person" ? "person" : "agent", draft: entry.draft },
        onlyEncrypted: entry.onlyEncrypted === true,
        ...{ workerUrl: textField(entry, "workerUrl") ?? null, mustEncrypt: entry.mustEncrypt !== false },
        ...{ forbidden: textField(entry, "forbidden") ?? null, isSuspect: entry.isSuspect === true },
        isAutomatic: entry.isAutomatic === true,
      },
    ];
  });
}

/** Removes a message that the bridge has acknowledged. */
export function removeEntry(entry: OutboxEntry): void {
  removeFile(entry.file);
}

/**
 * Records what an attempt to send a message showed. It stays queued. Never throws: at worst `photon failed` does not list
 * it, and it is tried before others once more.
 */
export function noteAttempt(
  { file, ...known }: OutboxEntry,
  shown: Partial<Pick<OutboxEntry, "forbidden" | "isSuspect">>,
): void {
  const { forbidden, isSuspect } = { ...known, ...shown };
  if (forbidden === known.forbidden && isSuspect === known.isSuspect) return;
  try {
    const entry = recordOf(readPrivateJson(file));
    if (entry) writePrivateJson(file, { ...entry, ...shown });
  } catch {
    // It is tried, and noted, again.
  }
}

/**
 * Queues an undelivered message again, as this machine sends now.
 *
 * @param from - the sender's address, which may have changed since it was written
 * @throws the file system's own error
 */
export function requeue(file: string, from: string, { workerUrl, mustEncrypt }: Destination): void {
  const entry = recordOf(readPrivateJson(file));
  if (!entry) return; // another process has delivered or dropped it
  const { queuedAt, author, onlyEncrypted } = entry;
  const queued = file.replace(/\.refused\.json$/, ".json");
  writePrivateJson(queued, {
    v: 1,
    queuedAt,
    author,
    ...(workerUrl !== null && { workerUrl }),
    mustEncrypt: mustEncrypt || entry.mustEncrypt !== false,
    ...(onlyEncrypted === true && { onlyEncrypted }),
    draft: { ...recordOf(entry.draft), from },
  });
  if (queued !== file) removeFile(file);
}

/** Sets an undeliverable message aside, with the reason, so that it does not block the rest. */
export function failEntry(entry: OutboxEntry, reason: string): void {
  const { file, queuedAt, author, workerUrl, mustEncrypt, onlyEncrypted, draft } = entry;
  const refused = file.replace(/\.json$/, ".refused.json");
  const about = { v: 1, queuedAt, author, workerUrl, mustEncrypt, ...(onlyEncrypted && { onlyEncrypted }) };
  writePrivateJson(refused, { ...about, failedAt: Date.now(), reason, draft });
  removeFile(file);
}

/** Whether the message with this id is still queued. */
export function isWaiting(paths: Paths, id: string): boolean {
  return namesIn(paths.outbox, WAITING).some((name) => name.endsWith(`-${id}.json`));
}

/** A message the bridge refused permanently. */
export interface FailedMessage {
  readonly file: string;
  readonly queuedAt: number;
  readonly workerUrl: string | null;
  readonly failedAt: number;
  readonly reason: string;
  /** Whether the failure was reported to the person or to Claude. */
  readonly isReported: boolean;
  readonly draft: unknown;
}

export function readFailed(paths: Paths): FailedMessage[] {
  return namesIn(paths.outbox, REFUSED).flatMap((name) => {
    const file = join(paths.outbox, name);
    const entry = readPrivateJson(file);
    const reason = textField(entry, "reason");
    if (reason === undefined) return [];
    const { draft, toldAt } = recordOf(entry) ?? {};
    const failedAt = numberField(entry, "failedAt") ?? 0;
    const queuedAt = numberField(entry, "queuedAt") ?? failedAt;
    const workerUrl = textField(entry, "workerUrl") ?? null;
    return [{ file, queuedAt, workerUrl, failedAt, reason, isReported: toldAt !== undefined, draft }];
  });
}

/** Records that a failure was reported, so that it is reported once. Never throws; at worst it is reported again. */
export function noteFailureTold({ file }: FailedMessage, now: number = Date.now()): void {
  try {
    const entry = recordOf(readPrivateJson(file));
    if (entry) writePrivateJson(file, { ...entry, toldAt: now });
  } catch {
    // it is reported again
  }
}

/** Finds a message among those that the bridge refused permanently. */
export function failureOf(paths: Paths, id: string): FailedMessage | null {
  return readFailed(paths).find(({ file }) => file.endsWith(`-${id}.refused.json`)) ?? null;
}
