import type { RunningScript } from "./running-script.ts";
import { copyMessages, type Samples, seedEvents } from "./seed-kv.ts";
import { seedBridge, seedMailroom } from "./seed-objects.ts";

/** How a script keeps its messages: 0.6's object and KV, 0.5's Mailroom or event log, or in KV in a way of its own. */
export type Keeping = "bridge" | "mailroom" | "events" | "unknown";

/**
 * Makes a script hold so many messages, more than `UNREAD`, of which the reader has read all but those: as a month of
 * use leaves them, or, for a script whose way is unknown, by copying its own two messages with other ids. Through the API a
 * hundred thousand would take many minutes.
 *
 * @param folder - where the script keeps its data
 * @param run - starts the script, and stops it afterwards
 * @throws when the script keeps its messages in a way that cannot be copied
 */
export async function seed(
  { folder, keeping, count, samples }: { folder: string; keeping: Keeping; count: number; samples: Samples },
  run: (work: (running: RunningScript) => Promise<void>) => Promise<void>,
): Promise<void> {
  const now = Date.now();
  if (keeping === "bridge") await run((running) => seedBridge(running, count, now));
  if (keeping === "mailroom") await run((running) => seedMailroom(running, count, now));
  if (keeping === "events") seedEvents(folder, count, now);
  if (keeping === "unknown") copyMessages(folder, count, samples);
}
