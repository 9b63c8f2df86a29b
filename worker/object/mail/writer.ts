import { parseAddress } from "../../../contract/address.ts";
import { type MessageDraft, utf8Bytes } from "../../../contract/message.ts";
import type { Database } from "../database.ts";
import { machineOf } from "./entry.ts";
import type { Head } from "./message-rows.ts";
import { timeOf } from "./place.ts";

/** "taken" is the receipt of a machine that resumed a handover, which has read it, too. */
export type Mark = "shown" | "read" | "taken";

/** When each mark was set, in milliseconds since 1970; null where it was not. */
export type MarkTimes = Record<Mark, number | null>;

/** Writes messages and receipts. */
export class Writer {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  insert(draft: MessageDraft, id: string, place: number): void {
    const { from, to, project, kind, replyTo, session, work, hops, content, tags, expiresInSeconds } = draft;
    const head: Head = {
      ...{ from, kind },
      ...(to !== null && { to }),
      ...(project !== null && { project }),
      ...(replyTo && { replyTo }),
      ...(session && { session }),
      ...(work && { work }),
      ...(hops !== undefined && { hops }),
    };
    const expiresAt = expiresInSeconds === undefined ? null : timeOf(place) + expiresInSeconds * 1000;
    const tagText = JSON.stringify(tags);
    const thread = this.#threadOf(id, replyTo);
    this.#db.all(
      `INSERT INTO messages (place, id, sender, receiver, thread, expires_at, head, bytes, tags, content)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[place, id, machineOf({ from }).toLowerCase(), receiverOf(to), thread, expiresAt, JSON.stringify(head)],
      ...[utf8Bytes(content) + utf8Bytes(tagText), tagText, JSON.stringify(content)],
    );
    // Answers that came before the message they answer join its thread now.
    if (thread !== id) this.#db.all("UPDATE messages SET thread = ?1 WHERE thread = ?2 AND thread <> id", thread, id);
  }

  /** The first time of each mark stays. @returns whether something is new */
  mark(place: number, machine: string, { shown, read, taken }: MarkTimes): boolean {
    const name = machine.toLowerCase();
    const known = this.#db.first<MarkTimes>(
      "SELECT shown, read, taken FROM receipts WHERE place = ? AND machine = ?",
      ...[place, name],
    );
    const isNew = (before: number | null | undefined, after: number | null) => after !== null && before == null;
    if (![isNew(known?.shown, shown), isNew(known?.read, read), isNew(known?.taken, taken)].includes(true))
      return false;
    this.#db.all(
      `INSERT INTO receipts (place, machine, name, shown, read, taken) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET shown = coalesce(shown, excluded.shown), read = coalesce(read, excluded.read),
         taken = coalesce(taken, excluded.taken)`,
      ...[place, name, machine, shown, read, taken],
    );
    return true;
  }

  #threadOf(id: string, replyTo: string | undefined): string {
    if (replyTo === undefined) return id;
    const statement = "SELECT thread FROM messages WHERE id = ?";
    return this.#db.first<{ thread: string }>(statement, replyTo)?.thread ?? replyTo;
  }
}

/** As it is compared: a machine in lower case, `*` for every machine in a project, null for everyone. */
export function receiverOf(to: string | null): string | null {
  return to === null ? null : (parseAddress(to)?.machine.toLowerCase() ?? null);
}
