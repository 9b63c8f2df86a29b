import { MAX_PENDING_COUNTED } from "../../contract/api.ts";
import { MAX_AGE_SECONDS, MIN_AGE_SECONDS } from "../../contract/message.ts";
import { isoTime } from "../ambient.ts";
import { type ArchivedText, textKey } from "../kv/text-keys.ts";
import { type ArchiveRules, COPY_AFTER_MS, MAX_COPIES_A_DAY } from "./archive-rules.ts";
import type { Database } from "./database.ts";
import { contentOf, headOf, tagsOf } from "./mail/message-rows.ts";
import { timeOf } from "./mail/place.ts";

/** Most KV operations per run. The free plan allows a Worker 50 per event. */
const MAX_PUTS = 30;
const MAX_DELETES = 15;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Most deleted or expired messages skipped in one run. */
const MAX_SKIPPED = 200;

/** Most batches whose texts are removed from their rows in one run. */
const MAX_BATCHES = 40;

/** Most bytes of text per run, far below an object's memory limit. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** The pause after failures doubles from the first value to the second. A daily quota resets at midnight UTC. */
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 60 * 60_000;

/** KV's limit for metadata, in bytes. */
const MAX_METADATA_BYTES = 1_024;

type TextToCopy = {
  readonly place: number;
  readonly id: string;
  readonly head: string;
  readonly tags: string;
  readonly content: string;
  readonly expires_at: number | null;
};

/** The state of the copying, for owners. */
export interface ArchiveStatus {
  readonly pending: number;
  readonly since?: string;
  readonly retryAt?: string;
}

/**
 * Copies the texts of messages to KV, in order of receipt and after the send was acknowledged, and removes a text from its
 * row two minutes after KV acknowledged the copy. Whatever KV does, a text is in its row, in KV, or in both. If KV fails,
 * texts stay in their rows and copying is retried with backoff.
 */
export class Archive {
  readonly #db: Database;
  readonly #kv: KVNamespace;
  readonly #now: () => number;
  readonly #rules: ArchiveRules;
  readonly #inTurn: <T>(work: () => T) => T;

  /** @param inTurn - runs statements as one transaction */
  constructor(
    { db, kv, now, inTurn }: { db: Database; kv: KVNamespace; now: () => number; inTurn: <T>(work: () => T) => T },
    rules: ArchiveRules,
  ) {
    this.#db = db;
    this.#kv = kv;
    this.#now = now;
    this.#inTurn = inTurn;
    this.#rules = rules;
  }

  /**
   * Does what is due: removes copied texts from their rows, copies a batch, deletes the keys of deleted messages. A failure
   * of KV does not throw. Other calls of the object run while it waits for KV.
   *
   * @returns when to run again, in milliseconds since 1970, or null if nothing is left to do
   */
  async run(): Promise<number | null> {
    this.#inTurn(() => this.#clearRows());
    await this.#try("delete", MAX_DELETES, (limit) => this.#delete(limit));
    await this.#try("copy", MAX_PUTS, (limit) => this.#copy(limit));
    return this.#nextAt();
  }

  /** Counts the texts that are not in KV yet. */
  status(): ArchiveStatus {
    const now = this.#now();
    const rows = this.#db
      .all<{ place: number; gone: number; expires_at: number | null }>(
        "SELECT place, gone, expires_at FROM messages WHERE place > ? ORDER BY place LIMIT ?",
        this.#copied,
        MAX_PENDING_COUNTED,
      )
      .filter(({ gone, expires_at: endsAt }) => gone === 0 && (endsAt ?? now + 1) > now);
    const oldest = rows[0]?.place;
    const retryAt = this.#db.number("copy_retry_at");
    return {
      pending: rows.length,
      ...(oldest !== undefined && { since: isoTime(timeOf(oldest)) }),
      ...(retryAt > now && { retryAt: isoTime(retryAt) }),
    };
  }

  get #copied(): number {
    return Math.max(this.#db.number("copied"), this.#db.number("cleared"));
  }

  /** Removes texts that are surely readable in KV. Messages of a batch that were not copied had been deleted or expired. */
  #clearRows(): void {
    const isDue = this.#now() - this.#rules.keptAfterCopyMs;
    const batches = this.#db.all<{ up_to: number }>(
      "SELECT up_to FROM copies WHERE copied_at <= ? ORDER BY up_to LIMIT ?",
      isDue,
      MAX_BATCHES,
    );
    for (const { up_to: upTo } of batches) {
      const statement = "UPDATE messages SET content = NULL WHERE place > ? AND place <= ? AND content IS NOT NULL";
      this.#db.all(statement, this.#db.number("emptied"), upTo);
      this.#db.setNumber("emptied", upTo);
      this.#db.all("DELETE FROM copies WHERE up_to = ?", upTo);
    }
  }

  async #copy(limit: number): Promise<Done> {
    const batch = this.#inTurn(() => this.#nextBatch(Math.min(limit, this.#leftToday())));
    const results = await Promise.allSettled(batch.map((text) => this.#put(text)));
    const failedAt = results.findIndex(({ status }) => status === "rejected");
    const acknowledged = failedAt === -1 ? batch : batch.slice(0, failedAt);
    const upTo = acknowledged.at(-1)?.place;
    if (upTo !== undefined) this.#inTurn(() => this.#noteCopied(upTo, acknowledged.length));
    return { operations: batch.length, isFailed: failedAt !== -1 };
  }

  /** How many copies are left today. If there are none, copying pauses until the next day. */
  #leftToday(): number {
    const today = Math.floor(this.#now() / DAY_MS);
    const left = MAX_COPIES_A_DAY - (this.#db.number("copy_day") === today ? this.#db.number("copies") : 0);
    if (left <= 0) this.#db.setNumber("copy_retry_at", (today + 1) * DAY_MS);
    return Math.max(0, left);
  }

  /** The oldest texts that are not in KV. Records that KV may have them from now on, even if the write seems to fail. */
  #nextBatch(limit: number): TextToCopy[] {
    this.#skipGone();
    const sizes = this.#db.all<{ place: number; bytes: number }>(
      `SELECT place, bytes FROM messages
       WHERE place > ? AND gone = 0 AND (expires_at IS NULL OR expires_at > ?) ORDER BY place LIMIT ?`,
      this.#copied,
      this.#now(),
      limit,
    );
    let bytes = 0;
    const places = sizes.flatMap((each, i) => {
      bytes += each.bytes;
      return i === 0 || bytes <= MAX_BATCH_BYTES ? each.place : [];
    });
    const last = places.at(-1);
    if (last === undefined) return [];
    if (last > this.#db.number("copying")) this.#db.setNumber("copying", last);
    return this.#db.all<TextToCopy>(
      `SELECT place, id, head, tags, content, expires_at FROM messages
       WHERE place IN (SELECT value FROM json_each(?)) AND content IS NOT NULL ORDER BY place`,
      JSON.stringify(places),
    );
  }

  /** Moves the cursor past deleted messages, so that each is looked at only once. */
  #skipGone(): void {
    const next = this.#db.all<{ place: number; gone: number }>(
      "SELECT place, gone FROM messages WHERE place > ? ORDER BY place LIMIT ?",
      this.#copied,
      MAX_SKIPPED,
    );
    const firstThere = next.findIndex(({ gone }) => gone === 0);
    const lastGone = next.at(firstThere === -1 ? -1 : firstThere - 1);
    if (firstThere !== 0 && lastGone !== undefined) this.#db.setNumber("copied", lastGone.place);
  }

  #put({ place, id, head, tags, content, expires_at: expiresAt }: TextToCopy): Promise<void> {
    const endsAt = Math.min(expiresAt ?? Number.MAX_SAFE_INTEGER, timeOf(place) + MAX_AGE_SECONDS * 1000);
    // KV's shortest lifetime is a minute. Readers check the message's own expiry.
    const seconds = Math.max(MIN_AGE_SECONDS, Math.ceil((endsAt - this.#now()) / 1000));
    const text: ArchivedText = { content: contentOf(content), tags: tagsOf(tags) };
    return this.#kv.put(textKey(id), JSON.stringify(text), {
      expirationTtl: seconds,
      metadata: envelopeOf(head, place),
    });
  }

  #noteCopied(upTo: number, count: number): void {
    this.#db.all("INSERT INTO copies VALUES (?, ?)", upTo, this.#now());
    const today = Math.floor(this.#now() / DAY_MS);
    const isSameDay = this.#db.number("copy_day") === today;
    if (!isSameDay) this.#db.setNumber("copy_day", today);
    this.#db.setNumber("copies", (isSameDay ? this.#db.number("copies") : 0) + count);
    this.#db.setNumber("copied", upTo);
  }

  async #delete(limit: number): Promise<Done> {
    const keys = this.#db.all<{ place: number; id: string }>(
      "SELECT place, id FROM kv_deletes WHERE due_at <= ? ORDER BY place LIMIT ?",
      this.#now(),
      limit,
    );
    const results = await Promise.allSettled(keys.map(({ id }) => this.#kv.delete(textKey(id))));
    const deleted = keys.filter((_, i) => results[i]?.status === "fulfilled").map(({ place }) => place);
    if (deleted.length > 0) {
      const statement = "DELETE FROM kv_deletes WHERE place IN (SELECT value FROM json_each(?))";
      this.#inTurn(() => this.#db.all(statement, JSON.stringify(deleted)));
    }
    return { operations: keys.length, isFailed: deleted.length < keys.length };
  }

  /** Does one kind of operation, unless it is in backoff. */
  async #try(kind: Kind, most: number, work: (limit: number) => Promise<Done>): Promise<void> {
    if (this.#db.number(`${kind}_retry_at`) > this.#now()) return;
    // After a failure, a single operation tests whether KV works again.
    const { operations, isFailed } = await work(this.#db.number(`${kind}_failures`) > 0 ? 1 : most);
    if (operations > 0) this.#inTurn(() => this.#noteHealth(kind, isFailed));
  }

  #noteHealth(kind: Kind, isFailed: boolean): void {
    const before = this.#db.number(`${kind}_failures`);
    if (!isFailed) {
      if (before > 0) this.#db.setNumber(`${kind}_failures`, 0);
      return;
    }
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(before, 10));
    this.#db.setNumber(`${kind}_failures`, before + 1);
    this.#db.setNumber(`${kind}_retry_at`, Math.round(this.#now() + pause));
  }

  #nextAt(): number | null {
    const oldest = this.#db.first<{ at: number }>("SELECT copied_at AS at FROM copies ORDER BY up_to LIMIT 1")?.at;
    const [text] = this.#db.all<{ place: number }>(
      "SELECT place FROM messages WHERE place > ? ORDER BY place LIMIT 1",
      this.#copied,
    );
    const due: number[] = [];
    if (oldest !== undefined) due.push(oldest + this.#rules.keptAfterCopyMs);
    if (text !== undefined) due.push(Math.max(timeOf(text.place) + COPY_AFTER_MS, this.#db.number("copy_retry_at")));
    // Deletions are due in roughly this order. One that is due before the first waits for it.
    const deletion = this.#db.first<{ at: number }>("SELECT due_at AS at FROM kv_deletes ORDER BY place LIMIT 1");
    if (deletion !== undefined) due.push(Math.max(deletion.at, this.#db.number("delete_retry_at")));
    return due.length === 0 ? null : Math.min(...due);
  }
}

/** Each kind has a daily quota of its own, so one can continue if the other is used up. */
type Kind = "copy" | "delete";

interface Done {
  readonly operations: number;
  readonly isFailed: boolean;
}

/** A message's envelope, for a person who looks into KV. Leaves `work` out if it does not fit, as with a long branch name. */
function envelopeOf(head: string, place: number): unknown {
  const { work, ...envelope } = { ...headOf(head), timestamp: isoTime(timeOf(place)) };
  const whole = { ...envelope, ...(work && { work }) };
  return new TextEncoder().encode(JSON.stringify(whole)).byteLength <= MAX_METADATA_BYTES ? whole : envelope;
}
