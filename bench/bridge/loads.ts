import type { Contestant } from "./contestants.ts";
import { type Cost, measure } from "./meter.ts";
import type { RunningScript } from "./running-script.ts";
import { seed } from "./seed.ts";
import { type Abilities, UNREAD, Wire } from "./wire.ts";
import { numbers, runIn, withFolder, withScript } from "./with-script.ts";

/** Messages and senders of one series of sends. One page of a list holds all messages of one sender. */
export const SENDS = 500;
const SENDERS = 10;

const WARM_UP = 50;
const MARKS = 100;
const CHECKS = 200;
const PAGES = 30;

export interface SendLoad {
  readonly cost: Cost;
  /** Messages that were acknowledged but are missing when everything is read back. */
  readonly lost: number;
  /** Messages that exist more than once. */
  readonly doubled: number;
}

export interface MarkLoad {
  readonly mark: Cost;
  /** One request for a hundred messages. */
  readonly batch: Cost | null;
  readonly remove: Cost;
}

export interface StoredLoad {
  /** With the ETag of the last answer, which is still current. */
  readonly unchanged: Cost;
  /** Without an ETag, as the first check of a session. */
  readonly first: Cost;
  readonly page: Cost;
  readonly health: Cost;
  /** The share of each kind of check that was answered 304. */
  readonly notModified: { readonly unchanged: number; readonly first: number };
}

/** Sends to an empty mailbox, `atOnce` at a time, with an id each as Photon's clients do, and reads everything back. */
export function loadSends({ script, abilities }: Contestant, atOnce: number): Promise<SendLoad> {
  return withScript(script, atOnce, async (running) => {
    const wire = new Wire(running, abilities);
    const draft = (content: string, from: string) => ({
      content,
      from,
      ...(abilities.ids && { id: crypto.randomUUID() }),
    });
    await measure(running, numbers(WARM_UP), atOnce, async (i) => {
      await wire.send(draft(`Warm-up ${i}`, "warm-up"));
    });

    const acknowledged = new Set<string>();
    const cost = await measure(running, numbers(SENDS), atOnce, async (i) => {
      const content = `Message ${i} of the load`;
      await wire.send(draft(content, `load-${i % SENDERS}`));
      acknowledged.add(content);
    });
    const found: string[] = [];
    for (const sender of numbers(SENDERS)) found.push(...(await wire.contentsFrom(`load-${sender}`)));
    const distinct = new Set(found);
    const lost = [...acknowledged].filter((content) => !distinct.has(content)).length;
    return { cost, lost, doubled: found.length - distinct.size };
  });
}

/** Marks messages, one by one and in batches, and deletes them, in a mailbox of a few hundred. */
export function loadMarks({ script, abilities }: Contestant): Promise<MarkLoad> {
  return withScript(script, 1, async (running) => {
    const wire = new Wire(running, abilities);
    const ids: string[] = [];
    for (const i of numbers(3 * MARKS + 20)) ids.push(await wire.send({ content: `Message ${i}` }));
    const some = (count: number) => ids.splice(0, count);
    for (const id of some(10)) await wire.markRead(id);
    for (const id of some(10)) await wire.remove(id);
    const mark = await measure(running, some(MARKS), 1, (id) => wire.markRead(id));
    const together = some(MARKS);
    const batch = abilities.batch ? await measure(running, [together], 1, (all) => wire.markAllRead(all)) : null;
    return { mark, batch, remove: await measure(running, some(MARKS), 1, (id) => wire.remove(id)) };
  });
}

/**
 * Checks and lists with `count` messages stored.
 *
 * @throws if the messages cannot be stored in the script's format
 */
export function loadStored({ script, abilities, keeping }: Contestant, count: number): Promise<StoredLoad> {
  return withFolder(async (folder) => {
    const run = <T>(work: (running: RunningScript) => Promise<T>) => runIn(folder, script, 1, work);
    const samples = await run(async (running) => {
      const wire = new Wire(running, abilities);
      const readId = await wire.send({ content: "One that was read" });
      await wire.markRead(readId);
      return { readId, unreadId: await wire.send({ content: "One that is unread" }) };
    });
    await seed({ folder, keeping, count, samples }, run);
    return run((running) => measureStored(running, abilities, count));
  });
}

async function measureStored(running: RunningScript, abilities: Abilities, count: number): Promise<StoredLoad> {
  const wire = new Wire(running, abilities);
  await wire.check(); // the reader's first check, which in real use was long ago
  const unread = (await wire.page(`unread=true&limit=100${abilities.unread ? "&reader=pc" : ""}`)).messages.length;
  const stored = (await wire.page("limit=100")).messages.length;
  if (unread !== UNREAD || stored !== Math.min(100, count)) {
    throw new Error(`Of ${count} messages the script shows ${stored} on a page, and ${unread} unread.`);
  }

  const { etag } = await wire.check();
  const checks = async (known?: string) => {
    let notModified = 0;
    const check = async () => {
      if ((await wire.check(known)).status === 304) notModified++;
    };
    await measure(running, numbers(WARM_UP), 1, check);
    notModified = 0;
    const cost = await measure(running, numbers(CHECKS), 1, check);
    return { cost, notModified: notModified / cost.requests };
  };
  const unchanged = await checks(etag);
  const first = await checks();
  const page = await measure(running, numbers(PAGES), 1, async () => {
    await wire.page("limit=50");
  });
  await measure(running, numbers(WARM_UP), 1, () => wire.health());
  return {
    unchanged: unchanged.cost,
    first: first.cost,
    page,
    health: await measure(running, numbers(CHECKS), 1, () => wire.health()),
    notModified: { unchanged: unchanged.notModified, first: first.notModified },
  };
}
