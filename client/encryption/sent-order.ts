import { join } from "node:path";
import * as z from "zod";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, writePrivateJson } from "../disk/private-file.ts";

const Numbers = z.record(z.string(), z.int().min(0));

const OrderFile = z.object({
  v: z.literal(1),
  /** The number of the last message to each machine, by fingerprint. */
  last: Numbers,
  /** The numbers of recent messages, by message id, because a send whose answer was lost is repeated. */
  given: z.record(z.string(), Numbers),
});

const EMPTY: Pick<z.infer<typeof OrderFile>, "last" | "given"> = { last: {}, given: {} };

/** Most messages in `given`. */
const MAX_GIVEN = 200;

/**
 * Numbers a message for each of its recipients. Only the process that holds the outbox's lease calls this. A repeated id
 * gets the same numbers, unless another message was numbered since; then it gets new ones, and the old ones may stay a gap.
 * If the file cannot be written, all numbers are 0, which means that the order is unknown.
 */
export function numberMessage(
  paths: Pick<Paths, "numbers">,
  id: string,
  receivers: readonly string[],
): Readonly<Record<string, number>> {
  const path = join(paths.numbers, "sent.json");
  const file = OrderFile.safeParse(readPrivateJson(path)).data ?? EMPTY;
  // If later messages have higher numbers, reusing the old one would look as if the bridge had reordered them.
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
