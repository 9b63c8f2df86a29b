import type { RunningScript } from "./running-script.ts";
import { copyMessages, type Samples, seedEvents } from "./seed-kv.ts";
import { seedBridge, seedMailroom } from "./seed-objects.ts";

/** How a script stores messages: in 0.6's object and KV, in 0.5's Mailroom or event log, or in its own format in KV. */
export type Keeping = "bridge" | "mailroom" | "events" | "unknown";

/**
 * Fills a script's storage with `count` messages, all but `UNREAD` of them read, as after a month of use. For an unknown
 * format it copies two messages of the script with other ids. Through the API, a hundred thousand would take many minutes.
 *
 * @param folder - the script's data folder
 * @param run - starts the script, and stops it afterwards
 * @throws if the script's format cannot be copied
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
