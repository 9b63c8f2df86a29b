import type { Address } from "../../contract/address.ts";
import type { Message, MessageDraft } from "../../contract/message.ts";
import type { Ambient } from "../ambient.ts";
import { MAX_SUFFIXES, type MessageBody, type NewEvent, packMessage, type WholeMessage } from "./event.ts";
import { SUFFIX_CHARS, suffixOfBytes, suffixOfId } from "./event-key.ts";
import { EventLog } from "./event-log.ts";
import { type Entry, fold, type Mailbox } from "./fold.ts";
import { HINT_FOR_ALL, Hints, hintFor, hintForAddress } from "./hints.ts";
import { isStillTrue, parseEtag, SETTLE_MS, toEtag } from "./last-look.ts";
import {
  type Filter,
  type Listing,
  type Mark,
  type MessageStore,
  type Page,
  StoreUnavailable,
  type Unread,
} from "./message-store.ts";
import { afterCursor, bodyKeys, cutPage, keepTagged } from "./page.ts";
import { ANYONE, select, summarise } from "./select.ts";
import { isoTime, receiptsOf, toMessage } from "./wire-message.ts";

/** What makes the store safe on a KV that is behind; a simulation takes one away and sees what happens. */
export interface Rules {
  readonly fold: typeof fold;
  /** Milliseconds. */
  readonly settleMs: number;
}

export const RULES: Rules = { fold, settleMs: SETTLE_MS };

/**
 * Messages in Workers KV, as a log of events that are never changed (docs/storage.md). Every call works out the state
 * from the whole log; a list may be up to a minute behind what was written elsewhere.
 */
export class KvStore implements MessageStore {
  readonly #log: EventLog;
  readonly #hints: Hints;
  readonly #ambient: Ambient;
  readonly #rules: Rules;

  constructor(kv: KVNamespace, ambient: Ambient, rules: Rules = RULES) {
    this.#log = new EventLog(kv);
    this.#hints = new Hints(kv, ambient.now);
    this.#ambient = ambient;
    this.#rules = rules;
  }

  async send(draft: MessageDraft): Promise<{ id: string; timestamp: string; duplicate: boolean }> {
    const id = draft.id ?? this.#ambient.randomId();
    const suffix = await suffixOfId(id);
    // Never `get`: it would plant "not there" in a cache for a minute. When the list does not show the first copy yet,
    // a second one is written, and folds away.
    const firstMs = draft.id === undefined ? null : await this.#log.firstReceived(suffix);
    if (firstMs !== null) return { id, timestamp: isoTime(firstMs), duplicate: true };

    const ms = this.#ambient.now();
    const { event, value } = packMessage(messageEvent(draft, id, ms));
    await this.#log.append(ms, suffix, event, value);
    await this.#hints.bump(hintForAddress(draft.to));
    return { id, timestamp: isoTime(ms), duplicate: false };
  }

  async get(id: string, reader: Address | null): Promise<Message | null> {
    const entry = (await this.#read()).bySuffix.get(await suffixOfId(id));
    if (!entry) return null;
    const [message] = await this.#withBodies([entry], reader);
    if (!message) throw new StoreUnavailable("The value of a message cannot be read now.");
    return { ...message, receipts: receiptsOf(entry) };
  }

  async unread(reader: Address, knownEtag?: string): Promise<Unread | "not-modified"> {
    const last = knownEtag === undefined ? null : parseEtag(reader, knownEtag);
    // Before the log: what changes in between has another hint then, and is looked at next time.
    const hints = await this.#hints.read([hintFor(reader.machine), HINT_FOR_ALL]);
    const at = this.#ambient.now();
    if (last && isStillTrue(last, hints, at, this.#rules.settleMs)) return "not-modified";
    return { etag: toEtag(reader, { at, hints }), summary: summarise(await this.#read(), reader) };
  }

  async list(reader: Address | null, { tag, ...filter }: Filter, { limit, cursor }: Page): Promise<Listing> {
    const after = afterCursor(cursor);
    const found = select(await this.#read(), reader, filter).filter(after);
    const { entries, next } = cutPage(tag === undefined ? found : await keepTagged(found, tag, this.#log), limit);
    const messages = await this.#withBodies(entries, reader);
    return next === undefined ? { messages } : { messages, cursor: next };
  }

  async record(reader: Address | null, what: Mark, ids: readonly string[]): Promise<{ marked: number }> {
    const machine = reader?.machine ?? ANYONE;
    const mailbox = await this.#read();
    const known = await entriesOf(mailbox, ids);
    await this.#cover(known.filter(isNotYet(what, machine)), (suffixes) => ({
      v: 1,
      type: "receipt",
      machine,
      [what]: suffixes,
    }));
    // A machine knows what it marked itself; of what a client without a name marked for it, it has to be told.
    if (reader === null) await this.#bump(known);
    return { marked: known.length };
  }

  async remove(ids: readonly string[]): Promise<void> {
    const mailbox = await this.#read();
    const suffixes = await suffixesOf(ids);
    // Also what the list does not show: it may have been sent a moment ago, and "deleted" must stay true.
    const left = suffixes.filter((suffix) => !mailbox.gone.has(suffix));
    await this.#cover(
      left.map((suffix) => mailbox.bySuffix.get(suffix) ?? { suffix, newestCopyMs: 0 }),
      (removed) => ({ v: 1, type: "tombstone", removed }),
    );
    if (left.length > 0) await this.#bump(left.map((suffix) => mailbox.bySuffix.get(suffix)));
  }

  async clear(): Promise<{ count: number }> {
    const { entries, newestMs } = await this.#read();
    await this.#append(newestMs, { v: 1, type: "clear" });
    await this.#hints.bump(HINT_FOR_ALL);
    return { count: entries.length };
  }

  async #read(): Promise<Mailbox> {
    const events = await this.#log.readAll();
    return this.#rules.fold(events, this.#ambient.now());
  }

  /** Tells those whom a change of these messages concerns: one hint, which is everyone's when it concerns several. */
  async #bump(entries: readonly (Entry | undefined)[]): Promise<void> {
    const [hint, ...others] = new Set(entries.map((entry) => hintForAddress(entry?.message.to)));
    if (hint !== undefined) await this.#hints.bump(others.length === 0 ? hint : HINT_FOR_ALL);
  }

  /** Writes the events that cover these messages, as few as there can be. */
  async #cover(
    covered: readonly Pick<Entry, "suffix" | "newestCopyMs">[],
    event: (suffixes: string) => NewEvent,
  ): Promise<void> {
    for (let start = 0; start < covered.length; start += MAX_SUFFIXES) {
      const batch = covered.slice(start, start + MAX_SUFFIXES);
      const newestMs = Math.max(...batch.map(({ newestCopyMs }) => newestCopyMs));
      await this.#append(newestMs, event(batch.map(({ suffix }) => suffix).join("")));
    }
  }

  /** Writes an event about messages: always newer than they are, whatever the clock of this place says. */
  async #append(newestCoveredMs: number, event: NewEvent): Promise<void> {
    const ms = Math.max(this.#ambient.now(), newestCoveredMs + 1);
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

function isNotYet(what: Mark, machine: string): (entry: Entry) => boolean {
  return ({ receipts }) => {
    const receipt = receipts.get(machine.toLowerCase());
    return (what === "shown" ? receipt?.shownMs : receipt?.readMs) === undefined;
  };
}

async function suffixesOf(ids: readonly string[]): Promise<string[]> {
  return Promise.all([...new Set(ids)].map(suffixOfId));
}

async function entriesOf(mailbox: Mailbox, ids: readonly string[]): Promise<Entry[]> {
  return (await suffixesOf(ids)).flatMap((suffix) => mailbox.bySuffix.get(suffix) ?? []);
}
