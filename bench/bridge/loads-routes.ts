import type { Contestant } from "./contestants.ts";
import type { Counts } from "./counting.ts";
import { measure } from "./meter.ts";
import type { RunningScript } from "./running-script.ts";
import { seed } from "./seed.ts";
import { UNREAD, Wire } from "./wire.ts";
import { numbers, runIn, withFolder } from "./with-script.ts";

/** What one request uses, in the units of the free plan. */
export interface RouteCost {
  readonly what: string;
  readonly used: Counts;
}

const REPEATS = 5;

/** Counts what each kind of request uses with `count` messages stored. Measures no times. */
export function loadRoutes({ script, abilities, keeping }: Contestant, count: number): Promise<RouteCost[]> {
  return withFolder(async (folder) => {
    const run = <T>(work: (running: RunningScript) => Promise<T>) => runIn(folder, script, 1, work);
    const samples = await run(async (running) => {
      const wire = new Wire(running, abilities);
      const readId = await wire.send({ content: "One that was read" });
      await wire.markRead(readId);
      return { readId, unreadId: await wire.send({ content: "One that is unread" }) };
    });
    await seed({ folder, keeping, count, samples }, run);
    return run(async (running) => {
      await running.countRows();
      return countRoutes(running, new Wire(running, abilities));
    });
  });
}

async function countRoutes(running: RunningScript, wire: Wire): Promise<RouteCost[]> {
  await wire.send({ content: "hi", id: crypto.randomUUID() });
  const { etag } = await wire.check();
  const counted: RouteCost[] = [];
  const count = async (what: string, act: (i: number) => Promise<unknown>) => {
    const { used } = await measure(running, numbers(REPEATS), 1, async (i) => void (await act(i)));
    counted.push({ what, used });
  };
  await count("a check with the last ETag", () => wire.check(etag));
  await count(`a check of ${UNREAD + 1} unread`, () => wire.check());
  await count("a list of 50", () => wire.page("limit=50&reader=pc"));
  await count(`a list of ${UNREAD + 1} unread`, () => wire.page("unread=true&limit=50&reader=pc"));
  const sent: string[] = [];
  await count("a send", async () => sent.push(await wire.send({ content: "hi", id: crypto.randomUUID() })));
  await count("one marked shown", (i) => wire.markAllShown(sent.slice(i, i + 1)));
  await count("one marked read", (i) => wire.markAllRead(sent.slice(i, i + 1)));
  await count("one message", (i) => wire.get(sent[i] ?? ""));
  await count("a delete", (i) => wire.remove(sent[i] ?? ""));
  return counted;
}
