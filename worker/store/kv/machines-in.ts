import type { SeenMachine } from "../../../contract/api.ts";
import { ANYONE, machineOf } from "../entry.ts";
import { isoTime } from "../iso-time.ts";
import type { LoggedEvent } from "./event-log.ts";

/** Who sent, was shown or read something, and when last; machines are compared without case, spelled as the last time. */
export function machinesIn(events: Iterable<LoggedEvent>): SeenMachine[] {
  const seen = new Map<string, { machine: string; ms: number; installations: Map<string, number> }>();
  for (const { ms, event } of events) {
    if (event.type !== "message" && event.type !== "receipt") continue;
    const machine = event.type === "message" ? machineOf(event) : event.machine;
    if (machine === ANYONE) continue;
    const known = seen.get(machine.toLowerCase()) ?? { machine, ms: 0, installations: new Map() };
    seen.set(machine.toLowerCase(), ms > known.ms ? { ...known, machine, ms } : known);
    const { installation } = event;
    if (installation) known.installations.set(installation, Math.max(ms, known.installations.get(installation) ?? 0));
  }
  return [...seen.values()]
    .sort((a, b) => b.ms - a.ms)
    .map(({ machine, ms, installations }) => ({
      machine,
      seenAt: isoTime(ms),
      ...(installations.size > 0 && {
        installations: [...installations].map(([id, ms]) => ({ id, seenAt: isoTime(ms) })),
      }),
    }));
}
