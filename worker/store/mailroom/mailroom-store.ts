import type { Address } from "../../../contract/address.ts";
import type { SeenMachine } from "../../../contract/api.ts";
import { MAX_PAGE, type Message, type MessageDraft } from "../../../contract/message.ts";
import type { Ambient } from "../../ambient.ts";
import { ANYONE, isSameMessage, machineOf } from "../entry.ts";
import { isoTime } from "../iso-time.ts";
import {
  type AlsoMarked,
  type Filter,
  IdTaken,
  type Listing,
  type Mark,
  type MessageStore,
  type Page,
  type Unread,
} from "../message-store.ts";
import type { Importing } from "../migrate.ts";
import { isFor, isMatch } from "../select.ts";
import { summarise } from "../summary.ts";
import { receiptsOf, toMessage } from "../wire-message.ts";
import { formatTag, isStillTrue, parseTag } from "./etag.ts";
import { Floors, SCANNED_BEFORE_MOVING } from "./floors.ts";
import { Machines } from "./machines.ts";
import { cursorAfter, placeAt, placeOf, timeOf } from "./place.ts";
import { blank, nextDue, retain } from "./retention.ts";
import { Head, type MailroomEntry, type MessageRow } from "./rows.ts";
import { type Sql, Tables } from "./tables.ts";
import { takeMessages } from "./take-messages.ts";
import { receiverOf, Writer } from "./writer.ts";

/** What is looked at in one statement of a list that has to search. */
const BATCH = 200;

/** Texts of one page, in bytes: the same as of a page from KV. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** Named numbers: every message up to `cleared` is deleted; `changes` counts what is not a new message. */
const CLEARED = "cleared";
const CHANGES = "changes";

/** Whom a change concerns: the machine's lower-case name, or everyone. */
export type OnChange = (machine: string | null) => void;

/**
 * Messages in the tables of one Durable Object. Everything is there as soon as it is acknowledged, for everyone: there is
 * one copy, and one call after the other. Each call is one turn of JavaScript, so that what it writes is written as a whole
 * or not at all.
 */
export class MailroomStore implements MessageStore, Importing {
  readonly #tables: Tables;
  readonly #floors: Floors;
  readonly #machines: Machines;
  readonly #writer: Writer;
  readonly #ambient: Ambient;
  readonly #onChange: OnChange;

  constructor(
    sql: Sql,
    ambient: Ambient,
    onChange: OnChange = () => {},
    scannedBeforeMoving: number = SCANNED_BEFORE_MOVING,
  ) {
    this.#tables = new Tables(sql);
    this.#floors = new Floors(this.#tables, scannedBeforeMoving);
    this.#machines = new Machines(this.#tables);
    this.#writer = new Writer(this.#tables);
    this.#ambient = ambient;
    this.#onChange = onChange;
  }

  async send(draft: MessageDraft, installation?: string) {
    const id = draft.id ?? this.#ambient.randomId();
    const now = this.#ambient.now();
    const known = this.#tables.first<MessageRow>("SELECT place, head FROM messages WHERE id = ?", id);
    if (known) {
      const { from } = Head.parse(JSON.parse(known.head));
      if (!isSameMessage({ id, from }, { id, from: draft.from })) throw new IdTaken(`The id ${id} is taken.`);
      return { id, timestamp: isoTime(timeOf(known.place)), duplicate: true };
    }
    // Times never go back, whatever the clock does: a reader remembers up to which one it was told.
    const ms = Math.max(now, timeOf(this.#tables.newestPlace()) + 1);
    // Before it is there itself: a message that names itself replaces nothing.
    if (draft.replaces !== undefined && this.#writer.replace(draft.replaces, draft.from)) this.#changed(null);
    this.#writer.insert(draft, id, placeAt(ms));
    this.#machines.note(machineOf(draft), now, { installation });
    this.#onChange(receiverOf(draft.to));
    return { id, timestamp: isoTime(ms), duplicate: false };
  }

  async get(id: string, reader: Address | null): Promise<Message | null> {
    const [entry] = this.#tables.entries(this.#byIds([id]), { receipts: true, texts: true });
    const message = entry && toMessage(entry, undefined, reader);
    return entry && message ? { ...message, receipts: receiptsOf(entry) } : null;
  }

  async unread(reader: Address, knownEtag?: string, except: readonly string[] = []): Promise<Unread | "not-modified"> {
    const machine = reader.machine.toLowerCase();
    const now = this.#ambient.now();
    const state = {
      newest: this.#tables.newestPlace(),
      changes: this.#tables.number(CHANGES),
      marks: this.#machines.marks(machine),
    };
    const last = knownEtag === undefined ? null : parseTag(reader, knownEtag);
    if (last && isStillTrue(last, state, now)) return "not-modified";
    const rows = this.#floors.unread(machine, this.#all(), now);
    const excepted = new Set(except);
    const seen = this.#tables
      .entries(rows, {})
      .filter((entry) => isFor(entry, reader) && !excepted.has(entry.message.id));
    const endsAt = Math.min(...seen.flatMap(({ message }) => message.expiresAt ?? []), Number.MAX_SAFE_INTEGER);
    return { etag: formatTag(reader, { ...state, endsAt }), summary: summarise(this.#withTakers(seen), reader, now) };
  }

  async list(reader: Address | null, filter: Filter, { limit, cursor }: Page): Promise<Listing> {
    const wanted = Math.min(limit, MAX_PAGE);
    const found: MailroomEntry[] = [];
    for (const batch of this.#candidates(reader, filter, placeOf(cursor), wanted + 1)) {
      found.push(...this.#matching(batch, reader, filter));
      if (found.length > wanted) break;
    }
    const page: MailroomEntry[] = [];
    let bytes = 0;
    for (const entry of found.slice(0, wanted)) {
      bytes += entry.bytes;
      if (page.length > 0 && bytes > MAX_PAGE_BYTES) break;
      page.push(entry);
    }
    const messages = this.#whole(page).flatMap((entry) => toMessage(entry, undefined, reader) ?? []);
    const last = page.at(-1);
    return last === undefined || page.length === found.length
      ? { messages }
      : { messages, cursor: cursorAfter(last.place) };
  }

  async record(
    reader: Address | null,
    what: Mark,
    ids: readonly string[],
    { shown = [], installation }: AlsoMarked = {},
  ): Promise<{ marked: number }> {
    const machine = reader?.machine ?? ANYONE;
    const now = this.#ambient.now();
    const rows = this.#byIds([...ids, ...shown]);
    const isMarked = new Set(ids);
    const isShown = new Set(what === "shown" ? ids : shown);
    let isChanged = false;
    for (const { place, id } of rows) {
      const at = Math.max(now, timeOf(place));
      const marks = {
        shown: isShown.has(id) ? at : null,
        read: isMarked.has(id) && what !== "shown" ? at : null,
        taken: isMarked.has(id) && what === "taken" ? at : null,
      };
      if (this.#writer.mark(place, machine, marks)) isChanged = true;
    }
    if (reader !== null && isChanged) {
      this.#machines.note(machine, now, { installation, hasMarked: true });
      this.#onChange(machine.toLowerCase()); // its other sessions
    }
    // Who took a handover over, and what was read without a name, is told to other machines too.
    if (isChanged && (reader === null || what === "taken")) this.#changed(null);
    return { marked: rows.filter(({ id }) => isMarked.has(id)).length };
  }

  async remove(ids: readonly string[]): Promise<void> {
    const places = this.#byIds(ids).map(({ place }) => place);
    if (places.length === 0) return;
    blank(this.#tables, places);
    this.#changed(null);
  }

  async machines(): Promise<SeenMachine[]> {
    return this.#machines.all();
  }

  async clear(): Promise<{ count: number }> {
    const { after } = this.#all();
    const statement =
      "SELECT count(*) AS n FROM messages WHERE place > ? AND gone = 0 AND (expires_at IS NULL OR expires_at > ?)";
    const count = this.#tables.first<{ n: number }>(statement, after, this.#ambient.now())?.n ?? 0;
    this.#tables.setNumber(CLEARED, this.#tables.newestPlace());
    this.#changed(null);
    return { count };
  }

  async take(messages: readonly Message[]): Promise<{ copied: number; here: Message[] }> {
    const copied = takeMessages({ tables: this.#tables, writer: this.#writer, machines: this.#machines }, messages);
    if (copied > 0) {
      this.#floors.forget(); // these came in below them
      this.#changed(null);
    }
    const rows = this.#byIds(messages.map(({ id }) => id));
    const here = this.#tables.entries(rows, { receipts: true, texts: true });
    return { copied, here: here.flatMap((entry) => toMessage(entry, undefined, null) ?? []) };
  }

  /** Takes out what has ended. @returns when to do it again, in milliseconds since 1970; null when nothing is kept */
  retain(): number | null {
    const { hasEnded, nextAt } = retain(this.#tables, this.#tables.number(CLEARED), this.#ambient.now());
    if (hasEnded) this.#changed(null);
    return nextAt;
  }

  /** When that is due, as far as the messages say. */
  retentionDueAt(): number | null {
    return nextDue(this.#tables, this.#tables.number(CLEARED));
  }

  /** Where a machine that has heard of everything so far stands, its own marks too. Opaque. @param machine - in lower case */
  cursor(machine: string): string {
    const numbers = [this.#tables.newestPlace(), this.#tables.number(CHANGES), this.#machines.marks(machine)];
    return numbers.map((number) => number.toString(36)).join(".");
  }

  /** Something else than a new message has changed what readers see. */
  #changed(machine: string | null): void {
    this.#tables.setNumber(CHANGES, this.#tables.number(CHANGES) + 1);
    this.#onChange(machine);
  }

  /** What is not cleared. */
  #all() {
    return { after: this.#tables.number(CLEARED), before: Number.MAX_SAFE_INTEGER };
  }

  #byIds(ids: readonly string[]): MessageRow[] {
    return this.#tables.byIds([...new Set(ids)], this.#all(), this.#ambient.now());
  }

  /** What a list may have before a place, in batches, newest first; the first of a page's size, where all may be right. */
  *#candidates(reader: Address | null, filter: Filter, before: number, first: number): Generator<MessageRow[]> {
    const now = this.#ambient.now();
    const range = { after: this.#all().after, before };
    if (filter.thread !== undefined) {
      yield this.#tables.messagesAt(this.#tables.placesOfThread(filter.thread), range, now);
    } else if (reader && filter.unread) {
      yield this.#floors.unread(reader.machine.toLowerCase(), range, now);
    } else {
      const since = filter.since === undefined ? 0 : placeAt(Date.parse(filter.since));
      for (let [rest, size] = [{ ...range, after: Math.max(range.after, since) }, first]; ; size = BATCH) {
        const batch = this.#tables.messagesIn(rest, now, size);
        yield batch;
        const last = batch.at(-1);
        if (last === undefined || batch.length < size) return;
        rest = { ...rest, before: last.place };
      }
    }
  }

  #matching(rows: readonly MessageRow[], reader: Address | null, { tag, ...filter }: Filter): MailroomEntry[] {
    const matching = this.#tables
      .entries(rows, { receipts: filter.unread })
      .filter((entry) => isMatch(entry, reader, filter));
    if (tag === undefined) return matching;
    const tagged = this.#tables.tagged(
      matching.map(({ place }) => place),
      tag,
    );
    return matching.filter(({ place }) => tagged.has(place));
  }

  /** With texts and receipts. */
  #whole(entries: readonly MailroomEntry[]): MailroomEntry[] {
    const places = entries.map(({ place }) => place);
    const rows = this.#tables.messagesAt(places, this.#all(), this.#ambient.now());
    return this.#tables.entries(rows, { receipts: true, texts: true });
  }

  /** Handovers with who took them over. */
  #withTakers(entries: readonly MailroomEntry[]): MailroomEntry[] {
    const handovers = entries.filter(({ message }) => message.kind === "handover");
    const whole = new Map(this.#whole(handovers).map((entry) => [entry.place, entry]));
    return entries.map((entry) => whole.get(entry.place) ?? entry);
  }
}
