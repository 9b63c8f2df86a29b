import { parseAddress } from "../../../contract/address.ts";
import { encryptedPart } from "../../../contract/encrypted.ts";
import { type MessageDraft, utf8Bytes } from "../../../contract/message.ts";
import type { Database } from "../database.ts";
import type { Envelope } from "./message-rows.ts";
import { machineOf } from "./message-rows.ts";
import { timeOf } from "./place.ts";
import type { Reader } from "./select.ts";

/**
 * "taken" means that the machine resumed a handover, which includes reading it; "undone", that it undid this: the handover is
 * then neither resumed nor read.
 */
export type Mark = "shown" | "read" | "taken" | "undone";

/** When each mark was set, in milliseconds since 1970; null if it was not. */
export type MarkTimes = Record<Exclude<Mark, "undone">, number | null>;

/** Most receipts per message by names that have not joined. More would be abuse, and are not stored. */
const MAX_UNJOINED_RECEIPTS = 64;

type Known = MarkTimes & { readonly name: string; readonly own_key: number };

/** Writes messages and receipts. */
export class Writer {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  insert(draft: MessageDraft, id: string, place: number, hasOwnKey: boolean): void {
    const { from, to, project, kind, replyTo, session, work, hops, content, tags, expiresInSeconds } = draft;
    const head: Envelope = {
      from,
      kind,
      ...(to !== null && { to }),
      ...(project !== null && { project }),
      ...(replyTo && { replyTo }),
      ...(session && { session }),
      ...(work && { work }),
      ...(hops !== undefined && { hops }),
      ...(hasOwnKey && { hasOwnKey }),
      ...(encryptedPart(content) !== null && { isSealed: true }),
    };
    const expiresAt = expiresInSeconds === undefined ? null : timeOf(place) + expiresInSeconds * 1000;
    const tagText = JSON.stringify(tags);
    const thread = this.#threadOf(id, replyTo);
    this.#db.all(
      `INSERT INTO messages (place, id, sender, receiver, thread, expires_at, head, bytes, tags, content)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      place,
      id,
      machineOf({ from }).toLowerCase(),
      receiverOf(to),
      thread,
      expiresAt,
      JSON.stringify(head),
      utf8Bytes(content) + utf8Bytes(tagText),
      tagText,
      JSON.stringify(content),
    );
    // Replies that arrived before this message now join its thread.
    if (thread !== id) this.#db.all("UPDATE messages SET thread = ?1 WHERE thread = ?2 AND thread <> id", thread, id);
  }

  /**
   * Sets marks. The first time of each is kept. But once the machine marks a message with its own key, a "taken" that the
   * shared key set under its name is dropped.
   *
   * @param reader - its receipt stays under the name that it had when the receipt was created
   * @returns whether anything changed
   */
  mark(
    place: number,
    { machine, names }: Pick<Reader, "machine" | "names">,
    { shown, read, taken }: MarkTimes,
    hasOwnKey: boolean,
  ): boolean {
    const known = this.#receipt(place, names);
    const name = known?.name ?? machine;
    const isNew = (before: number | null | undefined, after: number | null) => after !== null && before == null;
    const isOwnFirst = hasOwnKey && known?.own_key === 0;
    if (![isOwnFirst, isNew(known?.shown, shown), isNew(known?.read, read), isNew(known?.taken, taken)].includes(true))
      return false;
    if (known === undefined && !hasOwnKey && this.#hasManyUnjoined(place)) return false;
    this.#db.all(
      `INSERT INTO receipts (place, machine, name, shown, read, taken, own_key) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET shown = coalesce(shown, excluded.shown), read = coalesce(read, excluded.read),
         taken = iif(own_key < excluded.own_key, excluded.taken, coalesce(taken, excluded.taken)),
         own_key = max(own_key, excluded.own_key)`,
      place,
      name.toLowerCase(),
      name,
      shown,
      read,
      taken,
      Number(hasOwnKey),
    );
    return true;
  }

  /**
   * Takes back that a machine resumed a handover. What it marked with its own key, the shared key cannot take back.
   *
   * @returns whether anything changed
   */
  unmarkResumed(place: number, { names }: Pick<Reader, "names">, hasOwnKey: boolean): boolean {
    const known = this.#receipt(place, names);
    if (known === undefined || known.taken === null || (known.own_key === 1 && !hasOwnKey)) return false;
    const statement = "UPDATE receipts SET taken = NULL, read = NULL WHERE place = ? AND machine = ?";
    this.#db.all(statement, place, known.name.toLowerCase());
    return true;
  }

  #receipt(place: number, [name, ...others]: readonly string[]): Known | undefined {
    const isIts = others.length === 0 ? "machine = ?" : "machine IN (SELECT value FROM json_each(?))";
    return this.#db.first<Known>(
      `SELECT name, shown, read, taken, own_key FROM receipts WHERE place = ? AND ${isIts} LIMIT 1`,
      place,
      others.length === 0 ? (name ?? "") : JSON.stringify([name, ...others]),
    );
  }

  #hasManyUnjoined(place: number): boolean {
    const statement = "SELECT count(*) AS n FROM (SELECT 1 FROM receipts WHERE place = ? AND own_key = 0 LIMIT ?)";
    return this.#db.first<{ n: number }>(statement, place, MAX_UNJOINED_RECEIPTS)?.n === MAX_UNJOINED_RECEIPTS;
  }

  #threadOf(id: string, replyTo: string | undefined): string {
    if (replyTo === undefined) return id;
    const statement = "SELECT thread FROM messages WHERE id = ?";
    return this.#db.first<{ thread: string }>(statement, replyTo)?.thread ?? replyTo;
  }
}

/** The recipient in the column `receiver`: a machine in lower case, `*` for every machine in a project, null for everyone. */
export function receiverOf(to: string | null): string | null {
  return to === null ? null : (parseAddress(to)?.machine.toLowerCase() ?? null);
}
