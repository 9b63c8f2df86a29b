import type { Address } from "../../../contract/address.ts";
import { MAX_PAGE } from "../../../contract/message.ts";
import type { Ambient } from "../../ambient.ts";
import { type Filter, InvalidCursor } from "../message-store.ts";
import { isMatch } from "../select.ts";
import { type EventLog, type LoggedEvent, type LogPart, MAX_LISTS } from "./event-log.ts";
import { type Floor, type Floors, NO_FLOOR } from "./floor.ts";
import { clashesIn, type fold, type KvEntry, type Mailbox } from "./fold.ts";
import { logKeys } from "./log-keys.ts";
import type { Found } from "./page.ts";

/**
 * The state is exact this long before where a part of the log ends: copies of one message, and clocks of two places,
 * differ by less. A copy that comes later than a thousand events after the first is not looked for.
 */
export const MARGIN_MS = 10 * 60_000;

/** A mark of a message below the floor looks at the log twice. */
const MAX_LISTS_FOR_MARK = MAX_LISTS + 8;

interface LookOptions {
  readonly log: EventLog;
  readonly floors: Floors;
  readonly now: Ambient["now"];
  readonly foldEvents: typeof fold;
}

/** Works out the state of the mailbox from as much of the log as a question needs. */
export class Look {
  readonly #log: EventLog;
  readonly #floors: Floors;
  readonly #now: Ambient["now"];
  readonly #foldEvents: typeof fold;

  constructor({ log, floors, now, foldEvents }: LookOptions) {
    this.#log = log;
    this.#floors = floors;
    this.#now = now;
    this.#foldEvents = foldEvents;
  }

  /** The state from ever more of the log, until it is enough or there is no more. */
  async until(isEnough: (mailbox: Mailbox, part: LogPart) => boolean | undefined, maxLists?: number): Promise<Mailbox> {
    let mailbox = this.#fold([]);
    for await (const part of this.#log.newest(0, maxLists)) {
      mailbox = this.#fold(part.events);
      if (part.isLast || isEnough(mailbox, part)) break;
    }
    return mailbox;
  }

  /** The state as far as it still says something to a machine, from the log above its floor. */
  async above(machine: string): Promise<{ mailbox: Mailbox; part: LogPart; floor: Floor }> {
    const floor = await this.#floors.read(machine, this.#now());
    const part = await this.#log.read(floor.ms);
    return { mailbox: this.#fold([...part.events, ...floor.kept]), part, floor };
  }

  /** A state that has these messages, when they can be found. */
  async with(suffixes: readonly string[], reader: Address | null): Promise<{ mailbox: Mailbox; floor: Floor }> {
    const hasAll = ({ bySuffix, gone }: Mailbox) =>
      suffixes.every((suffix) => bySuffix.has(suffix) || gone.has(suffix));
    if (!reader) return { mailbox: await this.until(hasAll), floor: NO_FLOOR };
    const { mailbox, part, floor } = await this.above(reader.machine);
    if (floor.ms === 0 || hasAll(mailbox)) return { mailbox, floor };
    return { mailbox: await this.until(hasAll, MAX_LISTS_FOR_MARK - part.lists), floor };
  }

  /**
   * What a list may have after a key, at least one more than the page holds when there is more. Whether it has it is
   * still to be seen where the tags are in a value.
   */
  async find(reader: Address | null, { tag, ...filter }: Filter, after: string, limit: number): Promise<Found> {
    const mayHaveTag = ({ message: { tags } }: KvEntry) =>
      tag === undefined || tags === undefined || tags.includes(tag);
    const matching = (mailbox: Mailbox) =>
      inThread(mailbox, filter.thread).filter(
        (entry) => entry.key > after && mayHaveTag(entry) && isMatch(entry, reader, filter),
      );
    if (reader && filter.unread && filter.thread === undefined) {
      return { entries: matching((await this.above(reader.machine)).mailbox), rest: undefined };
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
    const mailbox = this.#foldEvents(events, this.#now());
    logKeys("Another message has the suffix of", clashesIn(events, mailbox));
    return mailbox;
  }
}

/** Everything, or what is in the thread of this message. */
function inThread({ entries, threadOf }: Mailbox, id: string | undefined): readonly KvEntry[] {
  return id === undefined ? entries : entries.filter(({ message }) => threadOf(message.id) === threadOf(id));
}

/** The last key that could be read. @throws InvalidCursor when the page before had told that already */
function endOf(events: readonly LoggedEvent[], after: string): string | undefined {
  const end = events.at(-1)?.key;
  if (end === undefined || end <= after) throw new InvalidCursor("The list goes no further back.");
  return end;
}
