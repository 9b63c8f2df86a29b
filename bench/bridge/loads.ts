import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Operations } from "./counting.ts";
import { type Cost, measure } from "./meter.ts";
import { RunningScript } from "./running-script.ts";
import type { Script } from "./script.ts";
import { seed, WAITING } from "./seed.ts";
import { type Abilities, Wire } from "./wire.ts";

export const KEY = "bench-key-0123456789abcdef";

/** What ours asks KV for a send, a check and a list; the keys are those of docs/storage.md. */
const HINTS = ["h:pc", "h:*"];
const FLOOR = "f:pc";
const EVENTS = "e:";

/** Messages of one series of sends, from so many machines: a page of a list holds all that one of them sent. */
export const SENDS = 500;
const SENDERS = 10;

const WARM_UP = 50;
const MARKS = 100;
const CHECKS = 200;
const CHANGED_CHECKS = 50;
const PAGES = 30;

export interface SendLoad {
  readonly cost: Cost;
  /** Acknowledged, and not there when everything is read back. */
  readonly lost: number;
  /** There more than once. */
  readonly duplicated: number;
  /** Of the very first send, which no hint spares a write. */
  readonly first: Operations;
}

export interface MarkLoad {
  readonly mark: Cost;
  /** One request for a hundred messages. */
  readonly batch: Cost | null;
  readonly remove: Cost;
}

export interface StoredLoad {
  readonly unchanged: Cost;
  readonly changed: Cost;
  readonly page: Cost;
  readonly health: Cost;
  /** What the same operations cost when nothing but KV is asked; only where it is asked for. */
  readonly kvAlone: { readonly unchanged: Cost; readonly changed: Cost; readonly page: Cost } | null;
  /** Shares of the checks that were answered 304. */
  readonly notModified: { readonly unchanged: number; readonly changed: number };
}

export function abilitiesOf(script: Script): Promise<Abilities> {
  return withScript(script, 1, (running) => Wire.abilitiesOf(running));
}

/** Sends to an empty mailbox, so many at a time, and reads everything back. */
export function loadSends(script: Script, abilities: Abilities, atOnce: number, withIds: boolean): Promise<SendLoad> {
  return withScript(script, atOnce, async (running) => {
    const wire = new Wire(running, abilities);
    const draft = (content: string, from: string) => ({ content, from, ...(withIds && { id: crypto.randomUUID() }) });
    await running.takeOperations();
    await wire.send(draft("The first", "warm-up"));
    const first = await running.takeOperations();
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
    return { cost, lost, duplicated: found.length - distinct.size, first };
  });
}

/** What a send of ours asks of KV, and nothing else: what is left when a Worker computes nothing. */
export function loadKvAlone(script: Script, atOnce: number): Promise<Cost> {
  return withScript(script, atOnce, async (running) => {
    const send = () => running.askKv({ write: EVENTS + crypto.randomUUID(), read: HINTS.slice(0, 1) });
    await measure(running, numbers(WARM_UP), atOnce, send);
    return measure(running, numbers(SENDS), atOnce, send);
  });
}

/** Marks, one by one and together, and deletes, in a mailbox of some hundred messages. */
export function loadMarks(script: Script, abilities: Abilities): Promise<MarkLoad> {
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
 * Checks, and lists, with so many messages stored.
 *
 * @param isLog - the script keeps a log as ours does: then KV is measured alone, too
 * @throws when they cannot be put there in the script's way
 */
export function loadStored(script: Script, abilities: Abilities, count: number, isLog: boolean): Promise<StoredLoad> {
  return withFolder(async (folder) => {
    const samples = await runIn(folder, script, 1, async (running) => {
      const wire = new Wire(running, abilities);
      const readId = await wire.send({ content: "One that was read" });
      await wire.markRead(readId);
      return { readId, waitingId: await wire.send({ content: "One that waits" }) };
    });
    seed(folder, count, samples);
    return runIn(folder, script, 1, async (running) => ({
      ...(await measureStored(running, abilities, count)),
      kvAlone: isLog ? await measureKvAlone(running) : null,
    }));
  });
}

async function measureKvAlone(running: RunningScript): Promise<StoredLoad["kvAlone"]> {
  const series = async (times: number, asked: Parameters<RunningScript["askKv"]>[0]) => {
    await measure(running, numbers(10), 1, () => running.askKv(asked));
    return measure(running, numbers(times), 1, () => running.askKv(asked));
  };
  return {
    unchanged: await series(CHECKS, { read: HINTS }),
    changed: await series(CHANGED_CHECKS, { read: [...HINTS, FLOOR], list: EVENTS }),
    page: await series(PAGES, { list: EVENTS }),
  };
}

async function measureStored(
  running: RunningScript,
  abilities: Abilities,
  count: number,
): Promise<Omit<StoredLoad, "kvAlone">> {
  const wire = new Wire(running, abilities);
  await wire.check(); // the reader's first, which in use was long ago
  const waiting = (await wire.page(`unread=true&limit=100${abilities.unread ? "&reader=pc" : ""}`)).messages.length;
  const stored = (await wire.page("limit=100")).messages.length;
  if (waiting !== WAITING || stored !== Math.min(100, count)) {
    throw new Error(`Of ${count} messages the script shows ${stored} on a page, and ${waiting} that wait.`);
  }

  const { etag } = await wire.check();
  const checks = async (times: number) => {
    let notModified = 0;
    const check = async () => {
      if ((await wire.check(etag)).status === 304) notModified++;
    };
    await measure(running, numbers(20), 1, check);
    notModified = 0;
    const cost = await measure(running, numbers(times), 1, check);
    return { cost, notModified: notModified / cost.requests };
  };
  const unchanged = await checks(CHECKS);
  await wire.send({ content: "Something new" });
  const changed = await checks(CHANGED_CHECKS);
  const page = await measure(running, numbers(PAGES), 1, async () => {
    await wire.page("limit=50");
  });
  await measure(running, numbers(WARM_UP), 1, () => wire.health());
  return {
    unchanged: unchanged.cost,
    changed: changed.cost,
    page,
    health: await measure(running, numbers(CHECKS), 1, () => wire.health()),
    notModified: { unchanged: unchanged.notModified, changed: changed.notModified },
  };
}

function withScript<T>(script: Script, atOnce: number, use: (running: RunningScript) => Promise<T>): Promise<T> {
  return withFolder((folder) => runIn(folder, script, atOnce, use));
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "photon-load-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runIn<T>(
  folder: string,
  script: Script,
  atOnce: number,
  use: (running: RunningScript) => Promise<T>,
): Promise<T> {
  const running = await RunningScript.start(script, folder, KEY, atOnce);
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
