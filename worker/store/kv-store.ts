import type { Address } from "../../contract/address.ts";
import type { SeenMachine } from "../../contract/api.ts";
import { MAX_PAGE, type Message, type MessageDraft } from "../../contract/message.ts";
import type { Ambient } from "../ambient.ts";
import { MAX_SUFFIXES, type MessageBody, type NewEvent, packMessage, type WholeMessage } from "./event.ts";
import { LAST_MS, SUFFIX_CHARS, suffixOfBytes, suffixOfId } from "./event-key.ts";
import { EventLog, type LoggedEvent, type LogPart, type LookBack, MAX_LISTS } from "./event-log.ts";
import { type Floor, Floors, NO_FLOOR, nextFloor } from "./floor.ts";
import { clashesIn, type Entry, fold, isSameMessage, type Mailbox } from "./fold.ts";
import { HINT_FOR_ALL, Hints, hintFor, hintForAddress } from "./hints.ts";
import { isoTime } from "./iso-time.ts";
import { isStillTrue, parseEtag, SETTLE_MS, toEtag } from "./last-look.ts";
import { logKeys } from "./log-keys.ts";
import {
  type AlsoMarked,
  type Filter,
  IdTaken,
  InvalidCursor,
  type Listing,
  type Mark,
  type MessageStore,
  type Page,
  StoreUnavailable,
  type Unread,
} from "./message-store.ts";
import { bodyKeys, cutPage, type Found, keepTagged, keyOfCursor } from "./page.ts";
import { ANYONE, machinesIn, select, summarise } from "./select.ts";
import { receiptsOf, toMessage } from "./wire-message.ts";

/** What makes the store safe on a KV that is behind; a simulation takes one away and sees what happens. */
export interface Rules {
  readonly fold: typeof fold;
  /** Milliseconds. */
  readonly settleMs: number;
}

export const RULES: Rules = { fold, settleMs: SETTLE_MS };

/**
 * The state is exact this long before where a part of the log ends: copies of one message, and clocks of two places,
 * differ by less. A copy that comes later than a thousand events after the first is not looked for.
 */
const MARGIN_MS = 10 * 60_000;

/** A mark of a message below the floor looks at the log twice. */
const MAX_LISTS_FOR_MARK = MAX_LISTS + 8;

/** What is known of the log when nobody looked. */
const NOTHING_BEFORE: LookBack = { copies: [], laterThanMs: 0 };

/**
 * Messages in Workers KV, as a log of events that are never changed (docs/storage.md). Every call works out the state
 * from as much of the log as it needs; a list may be up to a minute behind what was written elsewhere.
 */
export class KvStore implements MessageStore {
  readonly #log: EventLog;
  readonly #hints: Hints;
  readonly #floors: Floors;
  readonly #ambient: Ambient;
  readonly #rules: Rules;

  constructor(kv: KVNamespace, ambient: Ambient, rules: Rules = RULES) {
    this.#log = new EventLog(kv);
    this.#hints = new Hints(kv, ambient.now);
    this.#floors = new Floors(kv);
    this.#ambient = ambient;
    this.#rules = rules;
  }

  async send(
    draft: MessageDraft,
    installation?: string,
  ): Promise<{ id: string; timestamp: string; duplicate: boolean }> {
    const id = draft.id ?? this.#ambient.randomId();
    const suffix = await suffixOfId(id);
    // Never `get`: it would plant "not there" in a cache for a minute. When the list does not show the first copy yet,
    // a second one is written, and folds away.
    const replaced = draft.replaces && (await suffixOfId(draft.replaces));
    const before = draft.id === undefined ? NOTHING_BEFORE : await this.#log.lookBack(suffix, replaced);
    const first = before.copies.at(-1);
    if (first && !isSameMessage(first.event, { id, from: draft.from })) throw new IdTaken(`The id ${id} is taken.`);
    if (first) return { id, timestamp: isoTime(first.ms), duplicate: true };

    // What follows a clear is not cleared, and what replaces a message is newer, whatever the clock of this place says.
    const ms = Math.min(Math.max(this.#ambient.now(), before.laterThanMs + 1), LAST_MS);
    const { event, value } = packMessage({ ...messageEvent(draft, id, ms), ...(installation && { installation }) });
    await this.#log.append(ms, suffix, event, value);
    await this.#hints.bump(hintForAddress(draft.to));
    return { id, timestamp: isoTime(ms), duplicate: false };
  }

  async get(id: string, reader: Address | null): Promise<Message | null> {
    const suffix = await suffixOfId(id);
    const isExact = (entry: Entry | undefined, { fromMs }: LogPart) => entry && entry.ms >= fromMs + MARGIN_MS;
    const { bySuffix } = await this.#readUntil(
      (mailbox, part) => mailbox.gone.has(suffix) || isExact(mailbox.bySuffix.get(suffix), part),
    );
    const entry = bySuffix.get(suffix);
    if (!entry) return null;
    const [message] = await this.#withBodies([entry], reader);
    if (!message) throw new StoreUnavailable("The value of a message cannot be read now.");
    return { ...message, receipts: receiptsOf(entry) };
  }

  async unread(reader: Address, knownEtag?: string, except: readonly string[] = []): Promise<Unread | "not-modified"> {
    const last = knownEtag === undefined ? null : parseEtag(reader, knownEtag);
    // Before the log: what changes in between has another hint then, and is looked at next time.
    const hints = await this.#hints.read([hintFor(reader.machine), HINT_FOR_ALL]);
    const at = this.#ambient.now();
    if (last && isStillTrue(last, hints, at, this.#rules.settleMs)) return "not-modified";
    const { mailbox, part } = await this.#readFor(reader.machine);
    const floor = nextFloor(reader.machine, mailbox, part.events, at);
    if (floor) await this.#floors.save(reader.machine, floor, at);
    return {
      etag: toEtag(reader, { at, hints }),
      summary: summarise(mailbox, reader, new Set(await suffixesOf(except)), at),
    };
  }

  async list(reader: Address | null, { tag, ...filter }: Filter, { limit, cursor }: Page): Promise<Listing> {
    const after = keyOfCursor(cursor);
    const all = await this.#find(reader, { ...filter, tag }, after, limit);
    const { entries, next } = cutPage(tag === undefined ? all : await keepTagged(all, tag, limit, this.#log), limit);
    const messages = await this.#withBodies(entries, reader);
    return next === undefined ? { messages } : { messages, cursor: next };
  }

  async machines(): Promise<SeenMachine[]> {
    return machinesIn((await this.#log.read()).events);
  }

  async record(
    reader: Address | null,
    what: Mark,
    ids: readonly string[],
    { shown = [], installation }: AlsoMarked = {},
  ): Promise<{ marked: number }> {
    const machine = reader?.machine ?? ANYONE;
    const suffixes = await suffixesOf(ids);
    const shownSuffixes = await suffixesOf(what === "shown" ? ids : shown);
    const { mailbox, floor } = await this.#readWith([...new Set([...suffixes, ...shownSuffixes])], reader);
    const pending = (mark: Mark, suffixes: readonly string[]) =>
      suffixes
        .flatMap((suffix) => mailbox.bySuffix.get(suffix) ?? [])
        .filter(isNotYet(mark, machine))
        .map((entry) => ({ ...entry, mark }));
    const known = suffixes.flatMap((suffix) => mailbox.bySuffix.get(suffix) ?? []);
    const marks = [...pending("shown", shownSuffixes), ...(what === "read" ? pending("read", suffixes) : [])];
    await this.#cover(marks, floor.ms, (covered) => ({
      v: 1,
      type: "receipt",
      machine,
      ...(installation && { installation }),
      ...suffixTexts("shown", covered),
      ...suffixTexts("read", covered),
    }));
    // A machine knows what it marked itself; of what a client without a name marked for it, it has to be told.
    if (reader === null) await this.#bump(known);
    return { marked: known.length };
  }

  async remove(ids: readonly string[]): Promise<void> {
    const suffixes = await suffixesOf(ids);
    const { mailbox } = await this.#readWith(suffixes, null);
    // Also what the list does not show: it may have been sent a moment ago, and "deleted" must stay true.
    const left = suffixes.filter((suffix) => !mailbox.gone.has(suffix));
    await this.#cover(
      left.map((suffix) => mailbox.bySuffix.get(suffix) ?? { suffix, newestCopyMs: 0 }),
      0,
      (covered) => ({ v: 1, type: "tombstone", removed: covered.map(({ suffix }) => suffix).join("") }),
    );
    if (left.length > 0) await this.#bump(left.map((suffix) => mailbox.bySuffix.get(suffix)));
  }

  async clear(): Promise<{ count: number }> {
    const { entries, newestMs } = await this.#readUntil(() => false);
    await this.#append(newestMs, { v: 1, type: "clear" });
    await this.#hints.bump(HINT_FOR_ALL);
    return { count: entries.length };
  }

  /** The state from ever more of the log, until it is enough or there is no more. */
  async #readUntil(
    isEnough: (mailbox: Mailbox, part: LogPart) => boolean | undefined,
    maxLists?: number,
  ): Promise<Mailbox> {
    let mailbox = this.#fold([]);
    for await (const part of this.#log.newest(0, maxLists)) {
      mailbox = this.#fold(part.events);
      if (part.isLast || isEnough(mailbox, part)) break;
    }
    return mailbox;
  }

  /** The state as far as it still says something to a machine, from the log above its floor. */
  async #readFor(machine: string): Promise<{ mailbox: Mailbox; part: LogPart; floor: Floor }> {
    const floor = await this.#floors.read(machine, this.#ambient.now());
    const part = await this.#log.read(floor.ms);
    return { mailbox: this.#fold([...part.events, ...floor.kept]), part, floor };
  }

  /** A state that has these messages, when they can be found. */
  async #readWith(suffixes: readonly string[], reader: Address | null): Promise<{ mailbox: Mailbox; floor: Floor }> {
    const hasAll = ({ bySuffix, gone }: Mailbox) =>
      suffixes.every((suffix) => bySuffix.has(suffix) || gone.has(suffix));
    if (!reader) return { mailbox: await this.#readUntil(hasAll), floor: NO_FLOOR };
    const { mailbox, part, floor } = await this.#readFor(reader.machine);
    if (floor.ms === 0 || hasAll(mailbox)) return { mailbox, floor };
    return { mailbox: await this.#readUntil(hasAll, MAX_LISTS_FOR_MARK - part.lists), floor };
  }

  /**
   * What a list may have after a key, at least one more than the page holds when there is more. Whether it has it is
   * still to be seen where the tags are in a value.
   */
  async #find(reader: Address | null, { tag, ...filter }: Filter, after: string, limit: number): Promise<Found> {
    const mayHaveTag = ({ message: { tags } }: Entry) => tag === undefined || tags === undefined || tags.includes(tag);
    const matching = (mailbox: Mailbox) =>
      select(mailbox, reader, filter).filter((entry) => entry.key > after && mayHaveTag(entry));
    if (reader && filter.unread && filter.thread === undefined) {
      return { entries: matching((await this.#readFor(reader.machine)).mailbox), rest: undefined };
    }
    const sinceMs = filter.since === undefined ? 0 : Date.parse(filter.since);
    for await (const { events, fromMs, isWhole, isLast } of this.#log.newest()) {
      const entries = matching(this.#fold(events));
      if (isWhole) return { entries, rest: undefined };
      if (isLast) return { entries, rest: endOf(events, after) };
      // A thread is known by its first message, which may be the oldest of all.
      const exact = entries.filter(({ ms }) => ms >= fromMs + MARGIN_MS);
      if (filter.thread !== undefined) continue;
      if (fromMs + MARGIN_MS < sinceMs) return { entries: exact, rest: undefined };
      if (exact.length > Math.min(limit, MAX_PAGE)) return { entries: exact, rest: exact.at(-1)?.key };
    }
    return { entries: [], rest: undefined };
  }

  #fold(events: readonly LoggedEvent[]): Mailbox {
    const mailbox = this.#rules.fold(events, this.#ambient.now());
    logKeys("Another message has the suffix of", clashesIn(events, mailbox));
    return mailbox;
  }

  /** Tells those whom a change of these messages concerns: one hint, which is everyone's when it concerns several. */
  async #bump(entries: readonly (Entry | undefined)[]): Promise<void> {
    const [hint, ...others] = new Set(entries.map((entry) => hintForAddress(entry?.message.to)));
    if (hint !== undefined) await this.#hints.bump(others.length === 0 ? hint : HINT_FOR_ALL);
  }

  /** Writes the events that cover these messages, as few as there can be. */
  async #cover<Covered extends Pick<Entry, "suffix" | "newestCopyMs">>(
    covered: readonly Covered[],
    floorMs: number,
    event: (batch: readonly Covered[]) => NewEvent,
  ): Promise<void> {
    for (let start = 0; start < covered.length; start += MAX_SUFFIXES) {
      const batch = covered.slice(start, start + MAX_SUFFIXES);
      const newestMs = Math.max(floorMs, ...batch.map(({ newestCopyMs }) => newestCopyMs));
      await this.#append(newestMs, event(batch));
    }
  }

  /** Writes an event about messages: always newer than they are, whatever the clock of this place says. */
  async #append(newestCoveredMs: number, event: NewEvent): Promise<void> {
    const ms = Math.min(Math.max(this.#ambient.now(), newestCoveredMs + 1), LAST_MS);
    await this.#log.append(ms, suffixOfBytes(this.#ambient.randomBytes(SUFFIX_CHARS)), event);
  }

  /** As they go over the wire. One whose value cannot be read now is left out; it stays unread, and comes later. */
  async #withBodies(entries: readonly Entry[], reader: Address | null): Promise<Message[]> {
    const bodies = new Map<string, MessageBody>();
    for await (const [key, body] of this.#log.readBodies(bodyKeys(entries))) bodies.set(key, body);
    return entries.flatMap((entry) => toMessage(entry, bodies.get(entry.key), reader) ?? []);
  }
}

function messageEvent(draft: MessageDraft, id: string, ms: number): WholeMessage {
  const { to, project, replyTo, replaces, session, expiresInSeconds } = draft;
  return {
    v: 1,
    type: "message",
    id,
    from: draft.from,
    ...(to !== null && { to }),
    ...(project !== null && { project }),
    kind: draft.kind,
    ...(replyTo && { replyTo }),
    ...(replaces && { replaces }),
    ...(session && { session }),
    ...(expiresInSeconds !== undefined && { expiresAt: ms + expiresInSeconds * 1000 }),
    content: draft.content,
    tags: draft.tags,
  };
}

/** The field of a receipt for one kind of mark; none when nothing has it. */
function suffixTexts(mark: Mark, covered: readonly { suffix: string; mark: Mark }[]): Partial<Record<Mark, string>> {
  const marked = covered.filter((each) => each.mark === mark);
  return marked.length === 0 ? {} : { [mark]: marked.map(({ suffix }) => suffix).join("") };
}

function isNotYet(what: Mark, machine: string): (entry: Entry) => boolean {
  return ({ receipts }) => {
    const receipt = receipts.get(machine.toLowerCase());
    return (what === "shown" ? receipt?.shownMs : receipt?.readMs) === undefined;
  };
}

async function suffixesOf(ids: readonly string[]): Promise<string[]> {
  return Promise.all([...new Set(ids)].map(suffixOfId));
}

/** The last key that could be read. @throws InvalidCursor when the page before had told that already */
function endOf(events: readonly LoggedEvent[], after: string): string | undefined {
  const end = events.at(-1)?.key;
  if (end === undefined || end <= after) throw new InvalidCursor("The list goes no further back.");
  return end;
}
