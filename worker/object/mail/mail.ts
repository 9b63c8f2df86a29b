import type { Address } from "../../../contract/address.ts";
import type { SeenMachine, UnreadSummary } from "../../../contract/api.ts";
import { MAX_AGE_SECONDS, MAX_PAGE, type MessageDraft } from "../../../contract/message.ts";
import type { Ambient } from "../../ambient.ts";
import { isoTime } from "../../ambient.ts";
import { invalid } from "../../refusal.ts";
import type { Database } from "../database.ts";
import { Endings } from "./endings.ts";
import { ANYONE, type Entry, isFromSameMachine, machineOf } from "./entry.ts";
import { formatTag, isStillTrue, parseTag } from "./etag.ts";
import { Floors } from "./floors.ts";
import { LastSeen } from "./last-seen.ts";
import { Envelope, type MessageRow } from "./message-rows.ts";
import { Messages } from "./messages.ts";
import { cursorAfter, placeAt, placeOf, timeOf } from "./place.ts";
import { type Filter, isFor, isMatch } from "./select.ts";
import { summarise } from "./summary.ts";
import { type KeptMessage, receiptsOf, toWire } from "./wire-message.ts";
import { type Mark, receiverOf, Writer } from "./writer.ts";

/** Rows that one statement of a searching list reads. */
const BATCH = 200;

/** Rows that one request searches; a rare filter is continued by the cursor. */
const MAX_SEARCHED = 10_000;

/** The texts of one page, in bytes: what a Worker holds in memory without trouble. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** Called with the machine (in lower case) for which something changed; null for everyone. */
export type OnChange = (machine: string | null) => void;

export interface Page {
  /** At least 1; more than MAX_PAGE gives MAX_PAGE. */
  readonly limit: number;
  /** From an earlier answer to the same filter. */
  readonly cursor: string | undefined;
}

export interface Listing {
  /** Newest first. */
  readonly messages: KeptMessage[];
  /** Given when there may be more. */
  readonly cursor?: string;
}

/** Who sends or marks. */
export interface RequestOrigin {
  /** The computer, when it says so. */
  readonly installation?: string | undefined;
  /** A machine that has joined, with its own key; without, whoever has the shared key. */
  readonly hasOwnKey?: boolean;
}

interface Marking extends RequestOrigin {
  /** Ids of other messages that the machine was shown, together with a mark as read. */
  readonly shown?: readonly string[];
  /** Marks only what is for the reader's machine, in whatever project. */
  readonly isItsOwnOnly?: boolean;
}

export interface Sent {
  readonly id: string;
  readonly timestamp: string;
}

/**
 * The messages. Everything is visible to everyone as soon as it is stored: there is one copy, and one call after the
 * other. Every method is synchronous: what one call writes, no other call sees half of.
 */
export class Mail {
  readonly #db: Database;
  readonly #messages: Messages;
  readonly #floors: Floors;
  readonly #lastSeen: LastSeen;
  readonly #writer: Writer;
  readonly #endings: Endings;
  readonly #ambient: Ambient;
  readonly #onChange: OnChange;

  constructor(db: Database, ambient: Ambient, onChange: OnChange) {
    this.#db = db;
    this.#messages = new Messages(db);
    this.#floors = new Floors(db, this.#messages);
    this.#lastSeen = new LastSeen(db);
    this.#writer = new Writer(db);
    this.#endings = new Endings(db);
    this.#ambient = ambient;
    this.#onChange = onChange;
  }

  /**
   * What a repeated send is answered with; null when the message is new.
   *
   * @throws Refusal 400 when another machine's message has the id
   */
  repeated(draft: MessageDraft): Sent | null {
    if (draft.id === undefined) return null;
    const known = this.#messages.known(draft.id);
    if (known === undefined) return null;
    if (!isFromSameMachine(Envelope.parse(JSON.parse(known.head)), draft))
      throw invalid(`The id ${draft.id} is taken.`);
    return { id: draft.id, timestamp: isoTime(timeOf(known.place)) };
  }

  /** Stores a message that is not {@link repeated}. */
  add(draft: MessageDraft, { installation, hasOwnKey = false }: RequestOrigin = {}): Sent {
    const id = draft.id ?? this.#ambient.randomId();
    const now = this.#ambient.now();
    // Times never go back, whatever the clock does: a reader remembers up to which one it was told.
    const ms = Math.max(now, timeOf(this.#messages.newestPlace()) + 1);
    // Before the message itself is there: one that names itself replaces nothing.
    if (draft.replaces !== undefined) this.#replace(draft.replaces, draft);
    this.#writer.insert(draft, id, placeAt(ms), hasOwnKey);
    this.#lastSeen.note(machineOf(draft), now, { installation, hasOwnKey });
    this.#onChange(receiverOf(draft.to));
    return { id, timestamp: isoTime(ms) };
  }

  /** One message with its receipts; null when it is not there. The reader decides `read`, not whether it is found. */
  get(id: string, reader: Address | null): KeptMessage | null {
    const entries = this.#messages.entries(this.#byIds([id]), { receipts: true });
    const [entry] = entries;
    const [message] = this.#wire(entries, reader);
    return entry && message ? { ...message, receipts: receiptsOf(entry) } : null;
  }

  /** The sender of a message, as `mac` or `mac/photon`, and its receiver; null when it is not there. */
  parties(id: string): Pick<Envelope, "from" | "to"> | null {
    const [row] = this.#byIds([id]);
    return row ? Envelope.parse(JSON.parse(row.head)) : null;
  }

  /**
   * Counts a reader's unread messages.
   *
   * @param knownEtag - of an earlier answer; when that still holds, no message is looked at and the summary is null
   */
  unread(reader: Address, knownEtag: string | undefined): { etag: string; summary: UnreadSummary | null } {
    const machine = reader.machine.toLowerCase();
    const now = this.#ambient.now();
    const state = {
      newest: this.#messages.newestPlace(),
      changes: this.#db.number("changes"),
      marks: this.#lastSeen.marks(machine),
    };
    const last = knownEtag === undefined ? null : parseTag(reader, knownEtag);
    if (knownEtag !== undefined && last && isStillTrue(last, state, now)) return { etag: knownEtag, summary: null };
    const rows = this.#floors.unread(machine, this.#all(), now);
    const seen = this.#messages.entries(rows, { receipts: false }).filter((entry) => isFor(entry, reader));
    const endsAt = seen.reduce((first, entry) => Math.min(first, endOf(entry)), Number.MAX_SAFE_INTEGER);
    return { etag: formatTag(reader, { ...state, endsAt }), summary: summarise(this.#withTakers(seen), reader) };
  }

  /**
   * A page of messages. Without a reader: everyone's, and `read` means by anyone. A page may hold fewer messages than the
   * limit, even none, and still have a cursor: after 8 MiB of texts, or after 10,000 messages that did not match.
   *
   * @throws Refusal 400 when the cursor is not one of a list
   */
  list(reader: Address | null, filter: Filter, { limit, cursor }: Page): Listing {
    const wanted = Math.min(limit, MAX_PAGE);
    const found: Entry[] = [];
    let searched = 0;
    let unsearched: number | null = null;
    for (const { rows, looked, last } of this.#candidates(reader, filter, placeOf(cursor), wanted + 1)) {
      found.push(...this.#matching(rows, reader, filter));
      searched += looked;
      if (found.length > wanted) break;
      if (searched < MAX_SEARCHED) continue;
      unsearched = last;
      break;
    }
    const page: Entry[] = [];
    let bytes = 0;
    for (const entry of found.slice(0, wanted)) {
      bytes += entry.bytes;
      if (page.length > 0 && bytes > MAX_PAGE_BYTES) break;
      page.push(entry);
    }
    const messages = this.#wire(this.#withReceipts(page), reader);
    const last = page.length < found.length ? page.at(-1)?.place : unsearched;
    return { messages, ...(last != null && { cursor: cursorAfter(last) }) };
  }

  /**
   * Records that a machine was shown messages, read them or resumed them. Idempotent: the first time stays.
   *
   * @param reader - null for a client that does not say who it is
   * @returns how many of the ids are there, and now marked
   */
  record(reader: Address | null, what: Mark, ids: readonly string[], marking: Marking): number {
    const { shown = [], installation, hasOwnKey = false, isItsOwnOnly = false } = marking;
    const machine = reader?.machine ?? ANYONE;
    const now = this.#ambient.now();
    const entries = this.#messages
      .entries(this.#byIds([...ids, ...shown]), { receipts: false })
      .filter((entry) => reader === null || !isItsOwnOnly || isFor(entry, { ...reader, project: null }));
    const isMarked = new Set(ids);
    const isShown = new Set(what === "shown" ? ids : shown);
    let isChanged = false;
    let isToldOthers = false;
    for (const { place, id, ms, head } of entries) {
      const at = Math.max(now, ms);
      const marks = {
        shown: isShown.has(id) ? at : null,
        read: isMarked.has(id) && what !== "shown" ? at : null,
        taken: isMarked.has(id) && what === "taken" ? at : null,
      };
      if (!this.#writer.mark(place, machine, marks, hasOwnKey)) continue;
      isChanged = true;
      if (reader === null || (what === "taken" && (hasOwnKey || !head.isEncrypted))) isToldOthers = true;
    }
    if (reader !== null && isChanged) {
      this.#lastSeen.note(machine, now, { installation, hasOwnKey, hasMarked: true });
      this.#onChange(machine.toLowerCase()); // the machine's other sessions
    }
    // Other machines are told who resumed a handover, and what was read by a client without a name.
    if (isToldOthers) this.#changed(null);
    return entries.filter(({ id }) => isMarked.has(id)).length;
  }

  /** Deletes a message for everyone. Deleting one that is not there does nothing. */
  delete(id: string): void {
    const rows = this.#byIds([id]);
    if (rows.length === 0) return;
    this.#endings.delete(rows, this.#ambient.now());
    this.#changed(null);
  }

  /** Deletes every message. @returns how many there were */
  clear(): number {
    const count = this.#endings.clear(this.#messages.newestPlace(), this.#ambient.now());
    this.#changed(null);
    return count;
  }

  machines(): SeenMachine[] {
    return this.#lastSeen.all();
  }

  /**
   * Whether a machine that has not joined uses a name: it was heard of by the shared key. Of the last 30 days its messages
   * say so too: names that somebody invented may have pushed it out of those that were seen.
   *
   * @param name - one that no machine has joined with
   */
  isUnjoined(name: string): boolean {
    const machine = name.toLowerCase();
    return this.#lastSeen.isUnjoined(machine) || this.#messages.page(machine, this.#all(), 1).length > 0;
  }

  /** Takes away what has ended. @returns when to do it again, in milliseconds since 1970; null without messages */
  retain(): number | null {
    const { hasExpired, nextAt } = this.#endings.retain(this.#ambient.now());
    if (hasExpired) this.#changed(null);
    return nextAt;
  }

  /** Stands for all that a machine can have heard of so far, its own marks too. Opaque. @param machine - in lower case */
  cursor(machine: string): string {
    const numbers = [this.#messages.newestPlace(), this.#db.number("changes"), this.#lastSeen.marks(machine)];
    return numbers.map((number) => number.toString(36)).join(".");
  }

  /** Deletes an older message of the same machine. Replaced stays replaced, also when the newer message goes. */
  #replace(id: string, by: Pick<Envelope, "from">): void {
    const rows = this.#byIds([id]).filter(({ head }) => isFromSameMachine(Envelope.parse(JSON.parse(head)), by));
    if (rows.length === 0) return;
    this.#endings.delete(rows, this.#ambient.now());
    this.#changed(null);
  }

  /** Something other than a new message has changed what readers see. */
  #changed(machine: string | null): void {
    this.#db.setNumber("changes", this.#db.number("changes") + 1);
    this.#onChange(machine);
  }

  /** Every place that is neither cleared nor older than messages live. */
  #all() {
    return { after: this.#endings.livePlace(this.#ambient.now()), before: Number.MAX_SAFE_INTEGER };
  }

  #byIds(ids: readonly string[]): MessageRow[] {
    return this.#messages.byIds(ids, this.#all(), this.#ambient.now());
  }

  /** The messages that may match, newest first, in batches; the first is as large as the page, which may be all it takes. */
  *#candidates(reader: Address | null, filter: Filter, before: number, first: number): Generator<Candidates> {
    const now = this.#ambient.now();
    const range = { after: this.#all().after, before };
    if (filter.thread !== undefined) {
      yield whole(this.#messages.at(this.#messages.placesOfThread(filter.thread), range, now));
      return;
    }
    if (reader && filter.unread) {
      yield whole(this.#floors.unread(reader.machine.toLowerCase(), range, now));
      return;
    }
    const since = filter.since === undefined ? 0 : placeAt(Date.parse(filter.since));
    const sender = filter.from === undefined ? null : machineOf({ from: filter.from }).toLowerCase();
    let rest = { ...range, after: Math.max(range.after, since) };
    for (let size = first; ; size = BATCH) {
      const batch = this.#messages.page(sender, rest, size);
      const last = batch.at(-1)?.place;
      const isThere = ({ gone, expires_at: endsAt }: (typeof batch)[number]) => gone === 0 && (endsAt ?? now + 1) > now;
      yield { rows: batch.filter(isThere), looked: batch.length, last: last ?? null };
      if (last === undefined || batch.length < size) return;
      rest = { ...rest, before: last };
    }
  }

  #matching(rows: readonly MessageRow[], reader: Address | null, { tag, thread: _, ...filter }: Filter): Entry[] {
    const matching = this.#messages
      .entries(rows, { receipts: filter.unread })
      .filter((entry) => isMatch(entry, reader, filter));
    if (tag === undefined) return matching;
    const tagged = this.#messages.tagged(matching, tag);
    return matching.filter(({ place }) => tagged.has(place));
  }

  #wire(entries: readonly Entry[], reader: Address | null): KeptMessage[] {
    const texts = this.#messages.texts(entries);
    return entries.map((entry) => toWire(entry, texts.get(entry.place) ?? { content: null, tags: [] }, reader));
  }

  #withReceipts(entries: readonly Entry[]): Entry[] {
    const places = entries.map(({ place }) => place);
    return this.#messages.entries(this.#messages.at(places, this.#all(), this.#ambient.now()), { receipts: true });
  }

  /** Handovers with the machines that resumed them. */
  #withTakers(entries: readonly Entry[]): Entry[] {
    const handovers = entries.filter(({ head }) => head.kind === "handover");
    const whole = new Map(this.#withReceipts(handovers).map((entry) => [entry.place, entry]));
    return entries.map((entry) => whole.get(entry.place) ?? entry);
  }
}

/** A part of the messages that a list may have. */
interface Candidates {
  readonly rows: MessageRow[];
  /** Rows that were read for it. */
  readonly looked: number;
  /** The last place that was looked at; null when nothing is left behind it. */
  readonly last: number | null;
}

function whole(rows: MessageRow[]): Candidates {
  return { rows, looked: 0, last: null };
}

/** When no reader sees a message any more, in milliseconds since 1970. */
function endOf({ ms, expiresAt }: Entry): number {
  return Math.min(expiresAt ?? Number.MAX_SAFE_INTEGER, ms + MAX_AGE_SECONDS * 1000);
}
