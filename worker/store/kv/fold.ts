import { isSameName } from "../../../contract/address.ts";
import { type Entry, isSameMessage, type MachineReceipt, machineOf } from "../entry.ts";
import type { MessageEvent, ReceiptEvent } from "./event.ts";
import type { LoggedEvent } from "./event-log.ts";

/** A message that is there, and where in the log it is. */
export interface KvEntry extends Entry {
  readonly key: string;
  readonly suffix: string;
  /** When the newest copy of it came: a send that was repeated leaves more than one. */
  readonly newestCopyMs: number;
  readonly message: MessageEvent;
}

/** The state that a set of events means. */
export interface Mailbox {
  /** Newest first. */
  readonly entries: readonly KvEntry[];
  readonly bySuffix: ReadonlyMap<string, KvEntry>;
  /** Suffixes of what was there and is not any more, or will not be when it comes. */
  readonly gone: ReadonlySet<string>;
  /** The time of the newest message event, hidden ones included; 0 when there is none. */
  readonly newestMs: number;
  /** The first message of the thread that a message is in, as far as it is known. Equal for all of one thread. */
  readonly threadOf: (id: string) => string;
}

/**
 * Works out the state from the events, whatever their order and however often each comes.
 *
 * First everything is gathered, then it is decided. One pass that relies on a receipt sorting before its message is
 * wrong when both have the same millisecond or were stamped by clocks that differ.
 */
export function fold(events: Iterable<LoggedEvent>, nowMs: number): Mailbox {
  const gathered = gather(events);
  const { messages, receipts, tombstones, clearedMs } = gathered;
  const byId = indexById(messages.values());
  const replaced = replacedSuffixes(byId);

  const isGone = ({ suffix, ms, message }: Copy) =>
    tombstones.has(suffix) ||
    replaced.has(suffix) ||
    ms < clearedMs ||
    (message.expiresAt !== undefined && message.expiresAt <= nowMs);

  const entries: KvEntry[] = [];
  const gone = new Set(tombstones);
  for (const copy of messages.values()) {
    if (isGone(copy)) gone.add(copy.suffix);
    else entries.push({ ...copy, receipts: receipts.get(copy.suffix) ?? new Map() });
  }
  entries.sort((a, b) => (a.key < b.key ? -1 : 1));

  return {
    entries,
    bySuffix: new Map(entries.map((entry) => [entry.suffix, entry])),
    gone,
    newestMs: [...messages.values()].reduce((newest, copy) => Math.max(newest, copy.newestCopyMs), 0),
    threadOf: threads(byId),
  };
}

/**
 * The keys of messages that are left out because an older one, of another id or from another machine, has their suffix.
 * The suffix is made of the id: either two ids have the same, or two machines have sent the same id.
 */
export function clashesIn(events: Iterable<LoggedEvent>, { bySuffix }: Mailbox): string[] {
  const keys: string[] = [];
  for (const { key, suffix, event } of events) {
    if (event.type !== "message") continue;
    const known = bySuffix.get(suffix)?.message ?? event;
    if (known !== event && !isSameMessage(known, event)) keys.push(key);
  }
  return keys;
}

type Copy = Omit<KvEntry, "receipts">;

interface Gathered {
  readonly messages: Map<string, Copy>;
  readonly receipts: Map<string, Map<string, Note>>;
  readonly tombstones: Set<string>;
  /** Messages received before this are deleted. */
  clearedMs: number;
}

function gather(events: Iterable<LoggedEvent>): Gathered {
  const gathered: Gathered = { messages: new Map(), receipts: new Map(), tombstones: new Set(), clearedMs: 0 };
  for (const logged of events) {
    const { event } = logged;
    if (event.type === "message") gatherMessage(gathered.messages, logged, event);
    else if (event.type === "receipt") gatherReceipt(gathered.receipts, logged, event);
    else if (event.type === "tombstone") for (const suffix of event.removed) gathered.tombstones.add(suffix);
    else gathered.clearedMs = Math.max(gathered.clearedMs, logged.ms);
  }
  return gathered;
}

/** Copies of one message fold into one. The oldest wins. */
function gatherMessage(messages: Map<string, Copy>, { key, suffix, ms }: LoggedEvent, message: MessageEvent): void {
  const known = messages.get(suffix);
  const newestCopyMs = Math.max(ms, known?.newestCopyMs ?? 0);
  const oldest = known && known.ms <= ms ? known : { key, suffix, ms, message };
  messages.set(suffix, { ...oldest, newestCopyMs });
}

/** A receipt being gathered; `firstKey` decides how the machine is spelled. */
interface Note extends MachineReceipt {
  readonly firstKey: string;
}

function gatherReceipt(receipts: Gathered["receipts"], { key, ms }: LoggedEvent, receipt: ReceiptEvent): void {
  const note = (suffix: string, times: Partial<Omit<MachineReceipt, "machine">>) => {
    const machines = receipts.get(suffix) ?? new Map<string, Note>();
    receipts.set(suffix, machines);
    const name = receipt.machine.toLowerCase();
    const known = machines.get(name);
    const isFirst = known === undefined || key > known.firstKey; // keys fall as time rises
    machines.set(name, {
      machine: isFirst ? receipt.machine : known.machine,
      firstKey: isFirst ? key : known.firstKey,
      shownMs: earlier(known?.shownMs, times.shownMs),
      readMs: earlier(known?.readMs, times.readMs),
      takenMs: earlier(known?.takenMs, times.takenMs),
    });
  };
  for (const suffix of receipt.shown ?? []) note(suffix, { shownMs: ms });
  for (const suffix of receipt.read ?? []) note(suffix, { readMs: ms });
  for (const suffix of receipt.taken ?? []) note(suffix, { takenMs: ms });
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** The suffix is made of the id. Should an event in KV contradict that, the oldest has the id, in whatever order. */
function indexById(copies: Iterable<Copy>): Map<string, Copy> {
  const byId = new Map<string, Copy>();
  for (const copy of copies) {
    const known = byId.get(copy.message.id);
    if (known === undefined || copy.key > known.key) byId.set(copy.message.id, copy);
  }
  return byId;
}

/**
 * What a newer message of the same machine took the place of. It stays replaced when that message is deleted or
 * expires: an old handover must not come back.
 */
function replacedSuffixes(byId: ReadonlyMap<string, Copy>): Set<string> {
  const replaced = new Set<string>();
  for (const newer of byId.values()) {
    const older = newer.message.replaces === undefined ? undefined : byId.get(newer.message.replaces);
    if (older && older.key > newer.key && isSameName(machineOf(older.message), machineOf(newer.message))) {
      replaced.add(older.suffix);
    }
  }
  return replaced;
}

/**
 * Follows `replyTo` to the first message, through hidden ones too, so that a thread holds together when its beginning
 * is deleted. Messages that reply to each other in a circle share the smallest of their ids.
 */
function threads(byId: ReadonlyMap<string, Copy>): (id: string) => string {
  const roots = new Map<string, string>();
  return (id) => {
    const path = new Set<string>();
    let at = id;
    while (!path.has(at) && !roots.has(at)) {
      path.add(at);
      const parent = byId.get(at)?.message.replyTo;
      if (parent === undefined) break;
      at = parent;
    }
    const isCircle = path.has(at) && byId.get(at)?.message.replyTo !== undefined;
    const root = roots.get(at) ?? (isCircle ? smallestFrom(path, at) : at);
    for (const member of path) roots.set(member, root);
    return root;
  };
}

/** The smallest member of a path from here on. */
function smallestFrom(path: ReadonlySet<string>, start: string): string {
  const members = [...path];
  return members.slice(members.indexOf(start)).sort()[0] ?? start;
}
