import { type Address, isSameName } from "../../../contract/address.ts";
import type { SeenMachine, UnreadSummary } from "../../../contract/api.ts";
import { MAX_AGE_SECONDS, MAX_PAGE, type MessageDraft } from "../../../contract/message.ts";
import type { Ambient } from "../../ambient.ts";
import { isoTime } from "../../ambient.ts";
import { invalid } from "../../refusal.ts";
import type { Database } from "../database.ts";
import { Endings } from "./endings.ts";
import { formatTag, isStillTrue, parseTag } from "./etag.ts";
import { Floors } from "./floors.ts";
import { type JoinedMachine, LastSeen } from "./last-seen.ts";
import { ANYONE, type Entry, type Envelope, headOf, type MessageRow, machineOf } from "./message-rows.ts";
import { Messages } from "./messages.ts";
import { cursorAfter, placeAt, placeOf, timeOf } from "./place.ts";
import { type Filter, isFor, isMatch, type Reader } from "./select.ts";
import { summarise } from "./summary.ts";
import { type KeptMessage, receiptsOf, toWire } from "./wire-message.ts";
import { type Mark, receiverOf, Writer } from "./writer.ts";

/** Most rows read by one statement of a search. */
const BATCH = 200;

/** Most rows that one request searches. The cursor continues the search. */
const MAX_SEARCHED = 10_000;

/** Most bytes of text in one page, well below a Worker's memory limit. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** The rest of the object, as far as the mail depends on it. */
export interface Surroundings {
  /** Called with each name (in lower case) of the machine that a change affects; null means everyone. */
  readonly onChange: (machine: string | null) => void;
  /** All names of the machine that has or had a name, the present one first. */
  readonly namesOf: (name: string) => readonly string[];
  /** From when on the machine that has or had a name gets encrypted broadcasts, in milliseconds since 1970; 0 for always. */
  readonly mailSince: (name: string) => number;
}

export interface Page {
  /** At least 1; more than MAX_PAGE gives MAX_PAGE. */
  readonly limit: number;
  /** From an earlier answer with the same filter. */
  readonly cursor: string | undefined;
}

export interface Listing {
  /** Newest first. */
  readonly messages: KeptMessage[];
  /** Present if there may be more. */
  readonly cursor?: string;
}

/** The sender of a request that sends or marks messages. */
export interface RequestOrigin {
  /** The computer's installation id, if the request has it. */
  readonly installation?: string | undefined;
  /** Whether it has a machine's own key instead of the shared key. */
  readonly hasOwnKey?: boolean;
}

interface Marking extends RequestOrigin {
  /** Ids of other messages that the machine was shown, reported together with the mark. */
  readonly shown?: readonly string[];
  /** Marks only messages to the reader's machine, in any project. */
  readonly isItsOwnOnly?: boolean;
}

export interface Sent {
  readonly id: string;
  readonly timestamp: string;
}

/**
 * The messages. A stored message is visible to everyone at once, because there is one copy and calls run one after another.
 * Every method is synchronous, so no call sees half of another call's writes.
 *
 * Messages and receipts keep the names that they were written with, so a rename writes the same few rows however much mail a
 * machine has. A machine is the same one under each of its names.
 */
export class Mail {
  readonly #db: Database;
  readonly #messages: Messages;
  readonly #floors: Floors;
  readonly #lastSeen: LastSeen;
  readonly #writer: Writer;
  readonly #endings: Endings;
  readonly #ambient: Ambient;
  readonly #surroundings: Surroundings;

  constructor(db: Database, ambient: Ambient, surroundings: Surroundings) {
    this.#db = db;
    this.#messages = new Messages(db);
    this.#floors = new Floors(db, this.#messages);
    this.#lastSeen = new LastSeen(db);
    this.#writer = new Writer(db);
    this.#endings = new Endings(db);
    this.#ambient = ambient;
    this.#surroundings = surroundings;
  }

  /**
   * The answer to a repeated send, or null if the message is new.
   *
   * @throws Refusal 400 if another machine's message has the id
   */
  repeated(draft: MessageDraft): Sent | null {
    if (draft.id === undefined) return null;
    const known = this.#messages.known(draft.id);
    if (known === undefined) return null;
    if (!this.#isFromSameMachine(known.head, draft)) throw invalid(`Another message has the id ${draft.id}.`);
    return { id: draft.id, timestamp: isoTime(timeOf(known.place)) };
  }

  /** The first time that a message stored from now on can have, in milliseconds since 1970, whatever the clock does. */
  get nextTime(): number {
    return timeOf(this.#messages.newestPlace()) + 1;
  }

  /** Stores a message that is not {@link repeated}. */
  add(draft: MessageDraft, { installation, hasOwnKey = false }: RequestOrigin = {}): Sent {
    const id = draft.id ?? this.#ambient.randomId();
    const now = this.#ambient.now();
    // Times never decrease, whatever the clock does: readers remember the latest time they know of.
    const ms = Math.max(now, this.nextTime);
    // Before the message is stored, so that one that names itself replaces nothing.
    if (draft.replaces !== undefined) this.#replace(draft.replaces, draft);
    this.#writer.insert(draft, id, placeAt(ms), hasOwnKey);
    this.#lastSeen.note(this.#presentName(machineOf(draft)), now, { installation, hasOwnKey });
    this.#signal(receiverOf(draft.to));
    return { id, timestamp: isoTime(ms) };
  }

  /** One message with its receipts. The reader affects only `read`. */
  get(id: string, who: Address | null): KeptMessage | null {
    const reader = this.#readerOf(who);
    const entries = this.#messages.entries(this.#byIds([id]), { receipts: true });
    const [entry] = entries;
    const [message] = this.#wire(entries, reader);
    return entry && message ? { ...message, receipts: receiptsOf(entry) } : null;
  }

  /** A message's sender (`mac` or `mac/photon`) and recipient. */
  parties(id: string): Pick<Envelope, "from" | "to"> | null {
    const [row] = this.#byIds([id]);
    return row ? headOf(row.head) : null;
  }

  /**
   * Counts a reader's unread messages.
   *
   * @param knownEtag - from an earlier answer. If it is still valid, the summary is null and no message is read
   */
  unread(who: Address, knownEtag: string | undefined): { etag: string; summary: UnreadSummary | null } {
    const reader = this.#readerOf(who);
    const now = this.#ambient.now();
    const state = {
      newest: this.#messages.newestPlace(),
      changes: this.#db.number("changes"),
      marks: this.#lastSeen.marks(reader.machine.toLowerCase()),
      mailSince: reader.mailSince,
    };
    const last = knownEtag === undefined ? null : parseTag(reader, knownEtag);
    if (knownEtag !== undefined && last && isStillTrue(last, state, now)) return { etag: knownEtag, summary: null };
    const rows = this.#floors.unread(reader.names, this.#all(), now);
    const seen = this.#messages.entries(rows, { receipts: false }).filter((entry) => isFor(entry, reader));
    const endsAt = seen.reduce((first, entry) => Math.min(first, endOf(entry)), Number.MAX_SAFE_INTEGER);
    return { etag: formatTag(reader, { ...state, endsAt }), summary: summarise(this.#withTakers(seen), reader) };
  }

  /**
   * A page of messages. Without a reader, it lists everyone's messages, and `read` means read by anyone. A page may have
   * fewer messages than the limit, even none, and still have a cursor: after 8 MiB of text or 10,000 searched messages.
   *
   * @throws Refusal 400 if the cursor is invalid
   */
  list(who: Address | null, filter: Filter, { limit, cursor }: Page): Listing {
    const reader = this.#readerOf(who);
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
   * Records that a machine was shown messages, read them, resumed them or undid that. Idempotent: the first time is kept.
   *
   * @param who - null for a client that sent no reader
   * @returns how many of the ids exist and are now marked
   */
  record(who: Address | null, what: Mark, ids: readonly string[], marking: Marking): number {
    const { shown = [], installation, hasOwnKey = false, isItsOwnOnly = false } = marking;
    const reader = this.#readerOf(who);
    const now = this.#ambient.now();
    const entries = this.#messages
      .entries(this.#byIds([...ids, ...shown]), { receipts: false })
      .filter((entry) => reader === null || !isItsOwnOnly || isFor(entry, { ...reader, project: null }));
    const marker = reader ?? { machine: ANYONE, names: [ANYONE] };
    const isMarked = new Set(ids);
    const isShown = new Set(what === "shown" ? ids : shown);
    let isChanged = false;
    let isVisibleToOthers = false;
    for (const { place, id, ms, head } of entries) {
      const at = Math.max(now, ms);
      const marks = {
        shown: isShown.has(id) ? at : null,
        read: isMarked.has(id) && (what === "read" || what === "taken") ? at : null,
        taken: isMarked.has(id) && what === "taken" ? at : null,
      };
      const isNew =
        what === "undone"
          ? this.#writer.unmarkResumed(place, marker, hasOwnKey)
          : this.#writer.mark(place, marker, marks, hasOwnKey);
      if (!isNew) continue;
      isChanged = true;
      const isResuming = what === "taken" || what === "undone";
      if (reader === null || (isResuming && (hasOwnKey || !head.isSealed))) isVisibleToOthers = true;
    }
    // A message that is unread again may lie below the machine's floor.
    if (what === "undone" && isChanged) for (const name of marker.names) this.#floors.forget(name);
    if (reader !== null && isChanged) {
      this.#lastSeen.note(reader.machine, now, { installation, hasOwnKey, hasMarked: true });
      this.#signal(reader.machine); // the machine's other sessions
    }
    // Other machines see who resumed a handover, and what a client without a reader has read.
    if (isVisibleToOthers) this.#changed(null);
    return entries.filter(({ id }) => isMarked.has(id)).length;
  }

  /** Deletes a message for everyone. Does nothing if it does not exist. */
  delete(id: string): void {
    const rows = this.#byIds([id]);
    if (rows.length === 0) return;
    this.#endings.delete(rows, this.#ambient.now());
    this.#changed(null);
  }

  /** Deletes every message. @returns the number of messages deleted */
  clear(): number {
    const count = this.#endings.clear(this.#messages.newestPlace(), this.#ambient.now());
    this.#changed(null);
    return count;
  }

  /** Must be called when a machine that has joined was renamed in the machine list. */
  rename(from: string, to: string): void {
    this.#lastSeen.rename(from, to);
    for (const name of [from, to]) this.#floors.forget(name.toLowerCase());
    this.#changed(null); // makes earlier ETags of both names stale
  }

  /**
   * @param reserved - the current and former names of machines that ever joined, in lower case
   * @param online - the machines that are connected now, in lower case
   */
  machines(
    joined: readonly JoinedMachine[],
    reserved: readonly string[],
    online: ReadonlySet<string> = new Set(),
  ): SeenMachine[] {
    return this.#lastSeen.all(joined, reserved, { online, now: this.#ambient.now() });
  }

  /**
   * Whether a machine that has not joined uses a name with the shared key. Also looks at the messages of the last 30 days,
   * because invented names may have pushed this one out of the last-seen table.
   *
   * @param name - one that no machine joined with
   */
  isUnjoined(name: string): boolean {
    const machine = name.toLowerCase();
    return this.#lastSeen.isUnjoined(machine) || this.#messages.page(machine, this.#all(), 1).length > 0;
  }

  /** Removes ended messages. @returns when to run again, in milliseconds since 1970, or null if there are no messages */
  retain(): number | null {
    const { hasExpired, nextAt } = this.#endings.retain(this.#ambient.now());
    if (hasExpired) this.#changed(null);
    return nextAt;
  }

  /** An opaque cursor for all changes that a machine can know of so far, including its own marks. @param machine - in lower case */
  cursor(machine: string): string {
    const marks = this.#lastSeen.marks(this.#presentName(machine).toLowerCase());
    const numbers = [this.#messages.newestPlace(), this.#db.number("changes"), marks];
    return numbers.map((number) => number.toString(36)).join(".");
  }

  /** Deletes an older message of the same machine. It stays deleted even if the newer message is deleted. */
  #replace(id: string, by: Pick<Envelope, "from">): void {
    const rows = this.#byIds([id]).filter(({ head }) => this.#isFromSameMachine(head, by));
    if (rows.length === 0) return;
    this.#endings.delete(rows, this.#ambient.now());
    this.#changed(null);
  }

  /** Records a visible change other than a new message. */
  #changed(machine: string | null): void {
    this.#db.setNumber("changes", this.#db.number("changes") + 1);
    this.#signal(machine);
  }

  /** @param machine - null or `*` for everyone */
  #signal(machine: string | null): void {
    const { onChange, namesOf } = this.#surroundings;
    if (machine === null) onChange(null);
    else for (const name of namesOf(machine)) onChange(name.toLowerCase()); // sessions know it by the name at their start
  }

  #presentName(name: string): string {
    return this.#surroundings.namesOf(name)[0] ?? name;
  }

  #readerOf(who: Address): Reader;
  #readerOf(who: Address | null): Reader | null;
  #readerOf(who: Address | null): Reader | null {
    if (who === null) return null;
    const names = this.#surroundings.namesOf(who.machine);
    return {
      machine: names[0] ?? who.machine,
      project: who.project,
      names: names.map((name) => name.toLowerCase()),
      mailSince: this.#surroundings.mailSince(who.machine),
    };
  }

  /** @param head - of a stored message */
  #isFromSameMachine(head: string, by: Pick<Envelope, "from">): boolean {
    const sender = machineOf(headOf(head));
    return this.#surroundings.namesOf(machineOf(by)).some((name) => isSameName(name, sender));
  }

  /** The range of places that are neither cleared nor too old. */
  #all() {
    return { after: this.#endings.livePlace(this.#ambient.now()), before: Number.MAX_SAFE_INTEGER };
  }

  #byIds(ids: readonly string[]): MessageRow[] {
    return this.#messages.byIds(ids, this.#all(), this.#ambient.now());
  }

  /** Messages that may match, newest first, in batches. The first batch has the page's size, which is often enough. */
  *#candidates(reader: Reader | null, filter: Filter, before: number, first: number): Generator<Candidates> {
    const now = this.#ambient.now();
    const range = { after: this.#all().after, before };
    if (filter.thread !== undefined) {
      yield whole(this.#messages.at(this.#messages.placesOfThread(filter.thread), range, now));
      return;
    }
    if (reader && filter.unread) {
      yield whole(this.#floors.unread(reader.names, range, now));
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

  #matching(rows: readonly MessageRow[], reader: Reader | null, { tag, thread: _, ...filter }: Filter): Entry[] {
    const matching = this.#messages
      .entries(rows, { receipts: filter.unread })
      .filter((entry) => isMatch(entry, reader, filter));
    if (tag === undefined) return matching;
    const tagged = this.#messages.tagged(matching, tag);
    return matching.filter(({ place }) => tagged.has(place));
  }

  #wire(entries: readonly Entry[], reader: Reader | null): KeptMessage[] {
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

/** A batch of messages that may match. */
interface Candidates {
  readonly rows: MessageRow[];
  /** Number of rows read for it. */
  readonly looked: number;
  /** The last place that was read; null if no messages follow it. */
  readonly last: number | null;
}

function whole(rows: MessageRow[]): Candidates {
  return { rows, looked: 0, last: null };
}

/** When a message ends for all readers, in milliseconds since 1970. */
function endOf({ ms, expiresAt }: Entry): number {
  return Math.min(expiresAt ?? Number.MAX_SAFE_INTEGER, ms + MAX_AGE_SECONDS * 1000);
}
