import { join } from "node:path";
import * as z from "zod";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, writePrivateJson } from "../disk/private-file.ts";

const Numbers = z.record(z.string(), z.int().min(0));

const OrderFile = z.object({
  v: z.literal(1),
  /** By fingerprint: the number of the last message to that machine. */
  last: Numbers,
  /** Of messages that were numbered and may come again, by id: an attempt whose answer was lost is repeated. */
  given: z.record(z.string(), Numbers),
});

const EMPTY: Pick<z.infer<typeof OrderFile>, "last" | "given"> = { last: {}, given: {} };

/** Numbers kept for messages that may be sent again. */
const MAX_GIVEN = 200;

/**
 * Numbers a message for each of its receivers. Called by one process at a time, which has the outbox's lease; the same id
 * gets the same numbers, unless another message got later ones meanwhile: then the old ones are a gap, should the bridge
 * not have it. On a disk that takes nothing they are all 0: the order of what is sent then is not known.
 */
export function numberMessage(
  paths: Pick<Paths, "numbers">,
  id: string,
  receivers: readonly string[],
): Readonly<Record<string, number>> {
  const path = join(paths.numbers, "sent.json");
  const file = OrderFile.safeParse(readPrivateJson(path)).data ?? EMPTY;
  // A number that others have overtaken is not given again: the message would seem to have been put behind them.
  const given = file.given[id];
  const known = given && receivers.every((receiver) => given[receiver] === file.last[receiver]) ? given : undefined;
  if (known && receivers.every((receiver) => known[receiver] !== undefined)) {
    return Object.fromEntries(receivers.map((receiver) => [receiver, known[receiver] ?? 0]));
  }
  const numbers = Object.fromEntries(
    receivers.map((receiver) => [receiver, known?.[receiver] ?? (file.last[receiver] ?? 0) + 1]),
  );
  const last = { ...file.last };
  for (const [receiver, number] of Object.entries(numbers)) last[receiver] = Math.max(last[receiver] ?? 0, number);
  const allGiven = Object.fromEntries([...Object.entries(file.given), [id, numbers]].slice(-MAX_GIVEN));
  try {
    writePrivateJson(path, { v: 1, last, given: allGiven });
    return numbers;
  } catch {
    return Object.fromEntries(receivers.map((receiver) => [receiver, 0]));
  }
}
