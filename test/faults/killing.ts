import { setTimeout as sleep } from "node:timers/promises";
import type { SeenRequest } from "../support/faulty-network.ts";
import type { Finished } from "./computer.ts";
import type { World } from "./world.ts";

/** Delays in milliseconds before a process is killed: from before it has done anything to after it is done. */
export const MOMENTS_MS = [1, 4, 8, 14, 22, 35, 55, 90];

/** The same for a process that must start first. */
export const MOMENTS_FROM_START_MS = [30, 60, 85, 110, 140, 180, 250, 400];

export type Point = "before" | "after";

/** Kills once: when the n-th request of a kind is on its way to the bridge, or its answer on its way back. */
export function killAt(
  { network }: World,
  point: Point,
  isMeant: (request: SeenRequest) => boolean,
  n: number,
  kill: () => unknown,
): void {
  let seen = 0;
  network.treat = (request) => (isMeant(request) && ++seen === n ? { [point]: kill } : undefined);
}

/** Runs a hook or a command and kills it after a time if it is still running. */
export function killedAfter(
  momentMs: number,
  run: (during: (kill: () => void) => unknown) => Promise<Finished>,
): Promise<Finished> {
  return run((kill) => void sleep(momentMs).then(kill));
}
