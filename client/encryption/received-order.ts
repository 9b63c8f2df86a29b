import { join } from "node:path";
import * as z from "zod";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, writePrivateJson } from "../disk/private-file.ts";

/** A sender's messages that are remembered. */
const MAX_REMEMBERED = 500;

const Arrival = z.object({ id: z.string(), timestamp: z.string() });

const ArrivalsFile = z.object({
  v: z.literal(1),
  /** By the sender's fingerprint, by the number that it gave. */
  senders: z.record(z.string(), z.record(z.string(), Arrival)),
});

/** A message that was opened here. */
export interface Opened {
  readonly sender: string;
  readonly number: number;
  readonly id: string;
  /** The bridge's. */
  readonly timestamp: string;
}

/**
 * The order in which the senders numbered what came to this machine: what the bridge repeats under another id, dates anew
 * or puts in another order does not fit it. What it holds back leaves a gap, as what was deleted does.
 */
export class ReceivedOrder {
  readonly #paths: Pick<Paths, "numbers">;
  readonly #senders: Record<string, Record<string, z.infer<typeof Arrival>>>;
  #isChanged = false;

  constructor(paths: Pick<Paths, "numbers">) {
    this.#paths = paths;
    this.#senders = ArrivalsFile.safeParse(readPrivateJson(fileOf(paths))).data?.senders ?? {};
  }

  /** Notes a message. @returns what does not fit, in a few words; null when all does */
  note({ sender, number, id, timestamp }: Opened): string | null {
    const arrivals = this.#senders[sender] ?? {};
    const known = arrivals[number];
    if (known) {
      if (known.id !== id) return "repeated: another message had its number";
      return known.timestamp === timestamp ? null : "the bridge gave it another time before";
    }
    arrivals[number] = { id, timestamp };
    this.#senders[sender] = arrivals;
    this.#isChanged = true;
    const isOutOfOrder = Object.entries(arrivals).some(([other, arrival]) =>
      Number(other) < number ? arrival.timestamp > timestamp : Number(other) > number && arrival.timestamp < timestamp,
    );
    return isOutOfOrder ? "the bridge has changed the order" : null;
  }

  /** Whether this very message was opened here before. */
  knows({ sender, number, id }: Omit<Opened, "timestamp">): boolean {
    return this.#senders[sender]?.[number]?.id === id;
  }

  /** How many numbers below the last are not known here; of a sender of whom nothing came, none. */
  gaps(sender: string): number {
    const numbers = Object.keys(this.#senders[sender] ?? {}).map(Number);
    const first = Math.min(...numbers);
    return numbers.length === 0 ? 0 : Math.max(...numbers) - first + 1 - numbers.length;
  }

  /** A disk that takes nothing only means that less is noticed. */
  save(): void {
    if (!this.#isChanged) return;
    const senders = Object.fromEntries(
      Object.entries(this.#senders).map(([sender, arrivals]) => {
        const kept = Object.entries(arrivals).sort(([a], [b]) => Number(a) - Number(b));
        return [sender, Object.fromEntries(kept.slice(-MAX_REMEMBERED))];
      }),
    );
    try {
      writePrivateJson(fileOf(this.#paths), { v: 1, senders });
      this.#isChanged = false;
    } catch {
      // said above
    }
  }
}

function fileOf({ numbers }: Pick<Paths, "numbers">): string {
  return join(numbers, "received.json");
}
