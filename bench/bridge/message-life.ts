import type { Contestant } from "./contestants.ts";
import type { Counts } from "./counting.ts";
import { mapCounts } from "./meter.ts";
import type { RunningScript } from "./running-script.ts";
import { BRIDGE } from "./seed-objects.ts";
import { Wire } from "./wire.ts";
import { numbers, withScript } from "./with-script.ts";

/** One step in a message's life. */
export interface LifeStep {
  readonly what: string;
  /** Per message. */
  readonly used: Counts;
}

/** A day in units of `place`: milliseconds × 1000. */
const DAY_PLACES = 24 * 60 * 60 * 1000 * 1000;

const BEFORE = 50;

/**
 * Counts what a message uses from its send until it is completely removed, if `together` messages are sent, marked, copied
 * and removed together. Instead of waiting, it changes the times in the database.
 */
export function measureLife({ script, abilities }: Contestant, together: number): Promise<LifeStep[]> {
  return withScript(script, 1, async (running) => {
    const wire = new Wire(running, abilities);
    const ids: string[] = [];
    const send = async () => void ids.push(await wire.send({ content: "hi", id: crypto.randomUUID() }));
    const alarm = () => running.runAlarm(BRIDGE);
    const setBack = () => running.runStatement(BRIDGE, "UPDATE copies SET copied_at = 0");
    for (const _ of numbers(BEFORE)) await send();
    await wire.markAllRead(ids.splice(0));
    for (const prepare of [alarm, alarm, setBack, alarm]) await prepare();
    await running.countRows();

    const steps: LifeStep[] = [];
    const step = async (what: string, act: () => Promise<void>) => {
      await running.takeCounts();
      await act();
      steps.push({ what, used: mapCounts(await running.takeCounts(), (total) => total / together) });
    };
    await step("it is sent", async () => {
      for (const _ of numbers(together)) await send();
    });
    await step("it is marked shown", () => wire.markAllShown(ids));
    await step("it is marked read", () => wire.markAllRead(ids));
    await step("its text is copied to KV", alarm);
    await setBack();
    await step("its text leaves its row", alarm);
    await makeOld(running, together);
    await step("it is removed after 30 days", alarm);
    return steps;
  });
}

/** Makes the newest messages older than all others and older than 30 days. */
async function makeOld(running: RunningScript, count: number): Promise<void> {
  const others = `(SELECT place FROM messages ORDER BY place DESC LIMIT 1 OFFSET ${count})`;
  for (const table of ["receipts", "messages"]) {
    await running.runStatement(
      BRIDGE,
      `UPDATE ${table} SET place = place - ${31 * DAY_PLACES} WHERE place > ${others}`,
    );
  }
}

/** The sum of all steps. */
export function lifeOf(steps: readonly LifeStep[]): Counts {
  const [first, ...rest] = steps.map(({ used }) => used);
  if (first === undefined) throw new Error("A message has no steps.");
  return rest.reduce(plus, first);
}

export function plus(a: Counts, b: Counts): Counts {
  return {
    requests: a.requests + b.requests,
    reads: a.reads + b.reads,
    writes: a.writes + b.writes,
    lists: a.lists + b.lists,
    deletes: a.deletes + b.deletes,
    calls: a.calls + b.calls,
    socketMessages: a.socketMessages + b.socketMessages,
    rowsRead: a.rowsRead + b.rowsRead,
    rowsWritten: a.rowsWritten + b.rowsWritten,
  };
}
