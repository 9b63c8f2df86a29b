import type { Ambient } from "../../ambient.ts";
import { MAX_SUFFIXES, type NewEvent } from "./event.ts";
import { LAST_MS, SUFFIX_CHARS, suffixOfBytes } from "./event-key.ts";
import type { EventLog } from "./event-log.ts";
import type { KvEntry } from "./fold.ts";

/** Writes the events that say something about messages: receipts, tombstones, clears. */
export class EventWriter {
  readonly #log: EventLog;
  readonly #ambient: Ambient;

  constructor(log: EventLog, ambient: Ambient) {
    this.#log = log;
    this.#ambient = ambient;
  }

  /** Writes the events that cover these messages, as few as there can be. */
  async cover<Covered extends Pick<KvEntry, "suffix" | "newestCopyMs">>(
    covered: readonly Covered[],
    floorMs: number,
    event: (batch: readonly Covered[]) => NewEvent,
  ): Promise<void> {
    for (let start = 0; start < covered.length; start += MAX_SUFFIXES) {
      const batch = covered.slice(start, start + MAX_SUFFIXES);
      const newestMs = Math.max(floorMs, ...batch.map(({ newestCopyMs }) => newestCopyMs));
      await this.append(newestMs, event(batch));
    }
  }

  /** Writes an event about messages: always newer than they are, whatever the clock of this place says. */
  async append(newestCoveredMs: number, event: NewEvent): Promise<void> {
    const ms = Math.min(Math.max(this.#ambient.now(), newestCoveredMs + 1), LAST_MS);
    await this.#log.append(ms, suffixOfBytes(this.#ambient.randomBytes(SUFFIX_CHARS)), event);
  }
}
