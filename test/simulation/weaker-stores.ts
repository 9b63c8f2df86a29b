import type { Address } from "../../contract/address.ts";
import type { OpenStore } from "../../worker/app.ts";
import type { LoggedEvent } from "../../worker/store/event-log.ts";
import { fold } from "../../worker/store/fold.ts";
import { KvStore, RULES } from "../../worker/store/kv-store.ts";
import type { Filter, Listing, Mark, Page } from "../../worker/store/message-store.ts";

// What the store would be without the parts that make it safe. They look right, and pass every test in workerd.

/** Never looks again for what a list that was behind had left out. */
export const withoutSettleWindow: OpenStore = (kv, ambient) => new KvStore(kv, ambient, { ...RULES, settleMs: 0 });

/** Trusts that a receipt is listed before its message, because it is newer. */
export const withOnePassFold: OpenStore = (kv, ambient) =>
  new KvStore(kv, ambient, { ...RULES, fold: (events, nowMs) => fold(inOnePass(events), nowMs) });

function* inOnePass(events: Iterable<LoggedEvent>): Generator<LoggedEvent> {
  const decided = new Set<string>();
  for (const logged of events) {
    const { event } = logged;
    if (event.type === "receipt") {
      const undecided = (suffix: string) => !decided.has(suffix);
      yield {
        ...logged,
        event: { ...event, read: event.read?.filter(undecided), shown: event.shown?.filter(undecided) },
      };
    } else if (event.type !== "message" || !decided.has(logged.suffix)) yield logged;
    if (event.type === "message") decided.add(logged.suffix);
  }
}

/** Remembers for each machine up to when it has read, instead of what; even without any delay. */
export function withWatermark(): OpenStore {
  const readUpTo = new Map<string, string>();
  const timestamps = new Map<string, string>();
  return (kv, ambient) =>
    new (class extends KvStore {
      override async list(reader: Address | null, filter: Filter, page: Page): Promise<Listing> {
        const listing = await super.list(reader, filter, page);
        for (const { id, timestamp } of listing.messages) timestamps.set(id, timestamp);
        const mark = readUpTo.get(reader?.machine ?? "") ?? "";
        return { ...listing, messages: listing.messages.filter(({ timestamp }) => timestamp > mark) };
      }

      override async record(reader: Address | null, what: Mark, ids: readonly string[]): Promise<{ marked: number }> {
        const machine = reader?.machine ?? "";
        const times = ids.map((id) => timestamps.get(id) ?? "");
        readUpTo.set(machine, [readUpTo.get(machine) ?? "", ...times].sort().at(-1) ?? "");
        return super.record(reader, what, ids);
      }
    })(kv, ambient);
}
