import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../../client/bridge/api-client.ts";
import type { Script } from "../bridge/script.ts";
import { runIn } from "../bridge/with-script.ts";
import { bridgeOf, Machine } from "./machine.ts";

/** Limit for opening a session's socket after its start. */
export const WARM_UP_MS = 6_000;

const SENDS = 60;

/** The polling interval, which is also the precision of a delay. */
const LOOK_EVERY_MS = 2;

const GIVE_UP_MS = 90_000;

export interface Delays {
  /** From the send until the machine's last session knew, in milliseconds. */
  readonly known: number[];
  /** From then to the line at a prompt. */
  readonly prompt: number[];
  /** Of each session's server at the end, in MB. */
  readonly residentMb: number[];
}

/** Sends to a machine with many sessions, each a real server with its own socket, and polls what they know. */
export function measureDelays(script: Script, folder: string, sessions: number): Promise<Delays> {
  return runIn(join(folder, "delays bridge"), script, 1, async (running) => {
    const bridge = bridgeOf(running);
    const api = new ApiClient({ workerUrl: bridge.url, apiKey: bridge.key });
    const pc = Machine.withSharedKey("pc", join(folder, "delays"), bridge);
    const delays: Delays = { known: [], prompt: [], residentMb: [] };
    try {
      for (let i = 0; i < sessions; i++) await pc.openSession();
      await sleep(WARM_UP_MS);
      for (let sent = 1; sent <= SENDS; sent++) await measureOne(sent, { pc, api, delays });
      delays.residentMb.push(...pc.residentMb());
      return delays;
    } finally {
      await pc.end();
      await api.close();
    }
  });
}

async function measureOne(sent: number, { pc, api, delays }: { pc: Machine; api: ApiClient; delays: Delays }) {
  // Avoids running in step with anything that happens every second or half minute.
  await sleep(300 + ((sent * 7_919) % 1_700));
  const start = performance.now();
  await api.call("sendMessage", { body: { content: `${sent}`, from: "mac", to: "pc" } });
  while (Math.min(...pc.knownUnread()) < sent) {
    if (performance.now() - start > GIVE_UP_MS) throw new Error("A session was never told of a message.");
    await sleep(LOOK_EVERY_MS);
  }
  delays.known.push(performance.now() - start);
  const listener = pc.servers.at(-1);
  if (listener === undefined) throw new Error("No session is open.");
  const asked = performance.now();
  const line = await pc.prompt(listener);
  delays.prompt.push(performance.now() - asked);
  if (!line.includes("new")) throw new Error(`The prompt hook did not show the message: ${line}`);
}
