import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Counts } from "../bridge/counting.ts";
import { mapCounts } from "../bridge/meter.ts";
import type { Script } from "../bridge/script.ts";
import { runIn } from "../bridge/with-script.ts";
import { WARM_UP_MS } from "./delays.ts";
import { bridgeOf, Machine } from "./machine.ts";

const MESSAGES = 12;

/** After a message everything that follows from it has happened within this time, delayed receipts too. */
const SETTLE_MS = 4_000;

export interface Fleet {
  readonly machines: number;
  /** On each machine. */
  readonly sessions: number;
}

/** What a fleet of real sessions uses, in the units of the free plan. */
export interface FleetUse extends Fleet {
  /** For one session that is opened. */
  readonly opening: Counts;
  /** For one message: sent by a session, known to all of its receiver, told at a prompt, read. */
  readonly message: Counts;
}

/** Runs real servers, lets each machine in turn send to the next one, and has one session there read it. */
export function measureUse(script: Script, folder: string, fleet: Fleet): Promise<FleetUse> {
  return runIn(join(folder, "bridge"), script, 1, async (running) => {
    const bridge = bridgeOf(running);
    const machines = Array.from({ length: fleet.machines }, (_, i) => new Machine(`pc${i}`, folder, bridge));
    try {
      await running.countRows();
      for (const machine of machines) {
        for (let i = 0; i < fleet.sessions; i++) await machine.openSession();
      }
      await sleep(WARM_UP_MS);
      const opened = await running.takeCounts();
      for (let i = 0; i < MESSAGES; i++) await pass(i, machines);
      const used = await running.takeCounts();
      return {
        ...fleet,
        opening: mapCounts(opened, (count) => count / (fleet.machines * fleet.sessions)),
        message: mapCounts(used, (count) => count / MESSAGES),
      };
    } finally {
      await Promise.all(machines.map((machine) => machine.end()));
    }
  });
}

async function pass(i: number, machines: readonly Machine[]): Promise<void> {
  const sender = machines[i % machines.length];
  const receiver = machines[(i + 1) % machines.length];
  const from = sender?.servers[i % sender.servers.length];
  const to = receiver?.servers[i % receiver.servers.length];
  await from?.call("send_message", { content: `Message ${i}`, to: receiver?.name });
  await sleep(SETTLE_MS);
  await to?.call("prompt_hook", { session_id: "bench", prompt: "hi" });
  const read = await to?.call("read_messages", { unread_only: true });
  if (!read?.text.includes(`Message ${i}`)) throw new Error(`The message did not come: ${read?.text}`);
  await sleep(SETTLE_MS);
}
