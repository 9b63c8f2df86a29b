import type { Address } from "../../contract/address.ts";
import type { OpenStore } from "../../worker/app.ts";
import type { LoggedEvent } from "../../worker/store/kv/event-log.ts";
import { fold } from "../../worker/store/kv/fold.ts";
import { KvStore, RULES } from "../../worker/store/kv/kv-store.ts";
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

/** Writes no tombstone for what the list does not show yet. */
export const withDeletesOfWhatIsSeen: OpenStore = (kv, ambient) =>
  new (class extends KvStore {
    override async remove(ids: readonly string[]): Promise<void> {
      for (const id of ids) if (await this.get(id, null)) await super.remove([id]);
    }
  })(kv, ambient);

/** Forgets what a message took the place of as soon as that message is deleted. */
export const withReplacedComingBack: OpenStore = (kv, ambient) =>
  new KvStore(kv, ambient, {
    ...RULES,
    fold: (events, nowMs) => {
      const all = [...events];
      const removed = new Set(all.flatMap(({ event }) => (event.type === "tombstone" ? event.removed : [])));
      return fold(
        all.filter(({ event, suffix }) => event.type !== "message" || !removed.has(suffix)),
        nowMs,
      );
    },
  });

/** Takes it that a machine was shown what it has asked for. */
export const withReceiptsForLists: OpenStore = (kv, ambient) =>
  new (class extends KvStore {
    override async list(reader: Address | null, filter: Filter, page: Page): Promise<Listing> {
      const listing = await super.list(reader, filter, page);
      const ids = listing.messages.map(({ id }) => id);
      if (reader && ids.length > 0) await super.record(reader, "shown", ids);
      return listing;
    }
  })(kv, ambient);

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
