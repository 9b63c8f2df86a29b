import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Counts } from "../bridge/counting.ts";
import { mapCounts } from "../bridge/meter.ts";
import type { Script } from "../bridge/script.ts";
import { runIn } from "../bridge/with-script.ts";
import { WARM_UP_MS } from "./delays.ts";
import { bridgeOf, Machine } from "./machine.ts";

const MESSAGES = 12;

/** The time between messages, so that the requests they cause are not merged. */
const PAUSE_MS = 1_500;

/** Within this time a server delivers what is queued, such as receipts. */
const SETTLE_MS = 20_000;

const GIVE_UP_MS = 60_000;

export interface Fleet {
  readonly machines: number;
  /** On each machine. */
  readonly sessions: number;
}

/** What a fleet of real sessions uses, in the units of the free plan. */
export interface FleetUse extends Fleet {
  /** Per opened session, including the requests of its SessionStart hook. */
  readonly opening: Counts;
  /** Per message: sent, known to all sessions of the recipient, shown at a prompt, read and marked read. */
  readonly message: Counts;
}

/** Runs real servers. Each machine in turn sends to the next one, where a session reads the message and marks it read. */
export function measureUse(script: Script, folder: string, fleet: Fleet): Promise<FleetUse> {
  return runIn(join(folder, "bridge"), script, 1, async (running) => {
    const bridge = bridgeOf(running);
    const machines = Array.from({ length: fleet.machines }, (_, i) => Machine.withSharedKey(`pc${i}`, folder, bridge));
    try {
      await running.countRows();
      for (const machine of machines) {
        for (let i = 0; i < fleet.sessions; i++) {
          await machine.openSession();
          await running.request("GET", `/unread?reader=${machine.name}/demo`); // as the SessionStart hook does
        }
      }
      await sleep(WARM_UP_MS);
      const opened = await running.takeCounts();
      for (let i = 0; i < MESSAGES; i++) await pass(i, machines);
      await sleep(SETTLE_MS);
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
  if (receiver === undefined || from === undefined || to === undefined) throw new Error("No session is open.");
  const sent = await from.call("send_message", { content: `Message ${i}`, to: receiver.name });
  const [, id] = /\(id ([0-9a-f-]{36})\)/.exec(sent.text) ?? [];
  if (id === undefined) throw new Error(`The message was not stored: ${sent.text}`);
  await until(receiver, 1);
  await receiver.prompt(to);
  const read = await to.call("read_messages", { unread_only: true });
  if (!read.text.includes(`Message ${i}`)) throw new Error(`The message did not arrive: ${read.text}`);
  await to.call("mark_read", { message_id: id });
  await until(receiver, 0);
  await sleep(PAUSE_MS);
}

/** Waits until every session of a machine knows of `count` unread messages, without making it ask the bridge. */
async function until(machine: Machine, unread: number): Promise<void> {
  for (const start = performance.now(); machine.knownUnread().some((known) => known !== unread); ) {
    if (performance.now() - start > GIVE_UP_MS) throw new Error("A session was never told of a change.");
    await sleep(50);
  }
}
