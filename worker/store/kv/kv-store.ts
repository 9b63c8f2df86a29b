import type { Address } from "../../../contract/address.ts";
import type { SeenMachine } from "../../../contract/api.ts";
import type { Message, MessageDraft } from "../../../contract/message.ts";
import type { Ambient } from "../../ambient.ts";
import { ANYONE, isSameMessage } from "../entry.ts";
import { isoTime } from "../iso-time.ts";
import {
  type AlsoMarked,
  type Filter,
  IdTaken,
  type Listing,
  type Mark,
  type MessageStore,
  type Page,
  StoreUnavailable,
  type Unread,
} from "../message-store.ts";
import { summarise } from "../summary.ts";
import { receiptsOf, toMessage } from "../wire-message.ts";
import { type MessageBody, packMessage, type WholeMessage } from "./event.ts";
import { LAST_MS, suffixOfId } from "./event-key.ts";
import { EventLog, type LogPart, type LookBack } from "./event-log.ts";
import { EventWriter } from "./event-writer.ts";
import { Floors, nextFloor } from "./floor.ts";
import { fold, type KvEntry } from "./fold.ts";
import { HINT_FOR_ALL, Hints, hintFor, hintForAddress } from "./hints.ts";
import { isStillTrue, parseEtag, SETTLE_MS, toEtag } from "./last-look.ts";
import { Look, MARGIN_MS } from "./look.ts";
import { machinesIn } from "./machines-in.ts";
import { bodyKeys, cutPage, keepTagged, keyOfCursor } from "./page.ts";
import { unreadIn } from "./unread-in.ts";

/** What makes the store safe on a KV that is behind; a simulation takes one away and sees what happens. */
export interface Rules {
  readonly fold: typeof fold;
  /** Milliseconds. */
  readonly settleMs: number;
}

export const RULES: Rules = { fold, settleMs: SETTLE_MS };

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
  readonly #look: Look;
  readonly #writer: EventWriter;
  readonly #ambient: Ambient;
  readonly #settleMs: number;

  constructor(kv: KVNamespace, ambient: Ambient, rules: Rules = RULES) {
    this.#log = new EventLog(kv);
    this.#hints = new Hints(kv, ambient.now);
    this.#floors = new Floors(kv);
    this.#look = new Look({ log: this.#log, floors: this.#floors, now: ambient.now, foldEvents: rules.fold });
    this.#writer = new EventWriter(this.#log, ambient);
    this.#ambient = ambient;
    this.#settleMs = rules.settleMs;
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
    const isExact = (entry: KvEntry | undefined, { fromMs }: LogPart) => entry && entry.ms >= fromMs + MARGIN_MS;
    const { bySuffix } = await this.#look.until(
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
    if (last && isStillTrue(last, hints, at, this.#settleMs)) return "not-modified";
    const { mailbox, part } = await this.#look.above(reader.machine);
    const floor = nextFloor(reader.machine, mailbox, part.events, at);
    if (floor) await this.#floors.save(reader.machine, floor, at);
    return {
      etag: toEtag(reader, { at, hints }),
      summary: summarise(unreadIn(mailbox, reader, new Set(await suffixesOf(except))), reader, at),
    };
  }

  async list(reader: Address | null, { tag, ...filter }: Filter, { limit, cursor }: Page): Promise<Listing> {
    const after = keyOfCursor(cursor);
    const all = await this.#look.find(reader, { ...filter, tag }, after, limit);
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
    const { mailbox, floor } = await this.#look.with([...new Set([...suffixes, ...shownSuffixes])], reader);
    const pending = (mark: Mark, suffixes: readonly string[]) =>
      suffixes
        .flatMap((suffix) => mailbox.bySuffix.get(suffix) ?? [])
        .filter(isNotYet(mark, machine))
        .map((entry) => ({ ...entry, mark }));
    const known = suffixes.flatMap((suffix) => mailbox.bySuffix.get(suffix) ?? []);
    const marks = [
      ...pending("shown", shownSuffixes),
      ...(what === "shown" ? [] : pending("read", suffixes)),
      ...(what === "taken" ? pending("taken", suffixes) : []),
    ];
    await this.#writer.cover(marks, floor.ms, (covered) => ({
      v: 1,
      type: "receipt",
      machine,
      ...(installation && { installation }),
      ...suffixTexts("shown", covered),
      ...suffixTexts("read", covered),
      ...suffixTexts("taken", covered),
    }));
    // A machine knows what it marked itself; of what a client without a name marked for it, it has to be told.
    if (reader === null) await this.#bump(known);
    return { marked: known.length };
  }

  async remove(ids: readonly string[]): Promise<void> {
    const suffixes = await suffixesOf(ids);
    const { mailbox } = await this.#look.with(suffixes, null);
    // Also what the list does not show: it may have been sent a moment ago, and "deleted" must stay true.
    const left = suffixes.filter((suffix) => !mailbox.gone.has(suffix));
    await this.#writer.cover(
      left.map((suffix) => mailbox.bySuffix.get(suffix) ?? { suffix, newestCopyMs: 0 }),
      0,
      (covered) => ({ v: 1, type: "tombstone", removed: covered.map(({ suffix }) => suffix).join("") }),
    );
    if (left.length > 0) await this.#bump(left.map((suffix) => mailbox.bySuffix.get(suffix)));
  }

  async clear(): Promise<{ count: number }> {
    const { entries, newestMs } = await this.#look.until(() => false);
    await this.#writer.append(newestMs, { v: 1, type: "clear" });
    await this.#hints.bump(HINT_FOR_ALL);
    return { count: entries.length };
  }

  /** Tells those whom a change of these messages concerns: one hint, which is everyone's when it concerns several. */
  async #bump(entries: readonly (KvEntry | undefined)[]): Promise<void> {
    const [hint, ...others] = new Set(entries.map((entry) => hintForAddress(entry?.message.to)));
    if (hint !== undefined) await this.#hints.bump(others.length === 0 ? hint : HINT_FOR_ALL);
  }

  /** As they go over the wire. One whose value cannot be read now is left out; it stays unread, and comes later. */
  async #withBodies(entries: readonly KvEntry[], reader: Address | null): Promise<Message[]> {
    const bodies = new Map<string, MessageBody>();
    for await (const [key, body] of this.#log.readBodies(bodyKeys(entries))) bodies.set(key, body);
    return entries.flatMap((entry) => toMessage(entry, bodies.get(entry.key), reader) ?? []);
  }
}

function messageEvent(draft: MessageDraft, id: string, ms: number): WholeMessage {
  const { to, project, replyTo, replaces, session, expiresInSeconds, work, hops } = draft;
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
    ...(work && { work }),
    ...(hops !== undefined && { hops }),
    content: draft.content,
    tags: draft.tags,
  };
}

/** The field of a receipt for one kind of mark; none when nothing has it. */
function suffixTexts(mark: Mark, covered: readonly { suffix: string; mark: Mark }[]): Partial<Record<Mark, string>> {
  const marked = covered.filter((each) => each.mark === mark);
  return marked.length === 0 ? {} : { [mark]: marked.map(({ suffix }) => suffix).join("") };
}

function isNotYet(what: Mark, machine: string): (entry: KvEntry) => boolean {
  return ({ receipts }) => {
    const receipt = receipts.get(machine.toLowerCase());
    return receipt?.[MS_OF[what]] === undefined;
  };
}

const MS_OF = { shown: "shownMs", read: "readMs", taken: "takenMs" } as const;

async function suffixesOf(ids: readonly string[]): Promise<string[]> {
  return Promise.all([...new Set(ids)].map(suffixOfId));
}
