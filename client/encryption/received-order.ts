import { join } from "node:path";
import * as z from "zod";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, writePrivateJson } from "../disk/private-file.ts";

/** Most messages remembered per sender. */
const MAX_REMEMBERED = 500;

const Arrival = z.object({ id: z.string(), timestamp: z.string() });

const ArrivalsFile = z.object({
  v: z.literal(1),
  /** By the sender's fingerprint, then by the sender's number for the message. */
  senders: z.record(z.string(), z.record(z.string(), Arrival)),
});

/** A message that this machine decrypted. */
export interface Opened {
  readonly sender: string;
  readonly number: number;
  readonly id: string;
  /** From the bridge. */
  readonly timestamp: string;
}

/**
 * The senders' numbers of the messages that reached this machine. They reveal if the bridge repeats a message under another
 * id, changes its time, or reorders messages. A withheld message leaves a gap, but so does a deleted one.
 */
export class ReceivedOrder {
  readonly #paths: Pick<Paths, "numbers">;
  readonly #senders: Record<string, Record<string, z.infer<typeof Arrival>>>;
  #isChanged = false;

  constructor(paths: Pick<Paths, "numbers">) {
    this.#paths = paths;
    this.#senders = ArrivalsFile.safeParse(readPrivateJson(fileOf(paths))).data?.senders ?? {};
  }

  /** Records a message. @returns what is wrong, in a few words, or null */
  note({ sender, number, id, timestamp }: Opened): string | null {
    const arrivals = this.#senders[sender] ?? {};
    const known = arrivals[number];
    if (known) {
      if (known.id !== id) return "repeated: another message had the same number";
      return known.timestamp === timestamp ? null : "the bridge gave it a different time before";
    }
    arrivals[number] = { id, timestamp };
    this.#senders[sender] = arrivals;
    this.#isChanged = true;
    const isOutOfOrder = Object.entries(arrivals).some(([other, arrival]) =>
      Number(other) < number ? arrival.timestamp > timestamp : Number(other) > number && arrival.timestamp < timestamp,
    );
    return isOutOfOrder ? "the bridge has changed the order" : null;
  }

  /** Whether this message was decrypted here before. */
  knows({ sender, number, id }: Omit<Opened, "timestamp">): boolean {
    return this.#senders[sender]?.[number]?.id === id;
  }

  /** The number of messages missing between the first and the last known one of a sender. */
  gaps(sender: string): number {
    const numbers = Object.keys(this.#senders[sender] ?? {}).map(Number);
    const first = Math.min(...numbers);
    return numbers.length === 0 ? 0 : Math.max(...numbers) - first + 1 - numbers.length;
  }

  /** Ignores a failed write: then fewer faults of the bridge are noticed. */
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
      // ignored, see above
    }
  }
}

function fileOf({ numbers }: Pick<Paths, "numbers">): string {
  return join(numbers, "received.json");
}
