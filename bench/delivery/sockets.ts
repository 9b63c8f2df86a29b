import { ApiClient } from "../../client/bridge/api-client.ts";
import { LiveConnection } from "../../client/bridge/live-connection.ts";

export const SOCKETS = 500;
const MESSAGES = 20;

export interface SocketTimes {
  readonly messages: number;
  readonly openedMs: number;
  /** From a send until the last socket was signalled. */
  readonly delaysMs: number[];
  /** Sockets whose number of signals is not that of the messages plus one at the start. */
  readonly wrong: number;
}

/** Measures, for many machines on one object, how long it takes until all are signalled about a message to everyone. */
export async function measureSockets({ url, key }: { url: string; key: string }): Promise<SocketTimes> {
  const api = new ApiClient({ workerUrl: url, apiKey: key });
  const signals = Array.from({ length: SOCKETS }, () => 0);
  const connections = signals.map(
    (_, i) =>
      new LiveConnection({
        config: { workerUrl: url, apiKey: key, machine: `machine-${i}`, project: null },
        onChanged: async () => {
          signals[i] = (signals[i] ?? 0) + 1;
        },
      }),
  );
  try {
    const opening = performance.now();
    for (const connection of connections) connection.start();
    await until(() => signals.every((times) => times === 1));
    const openedMs = performance.now() - opening;
    const delaysMs: number[] = [];
    for (let sent = 1; sent <= MESSAGES; sent++) {
      const start = performance.now();
      await api.call("sendMessage", { body: { content: `${sent}`, from: "mac" } });
      await until(() => signals.every((times) => times === sent + 1));
      delaysMs.push(performance.now() - start);
    }
    const wrong = signals.filter((times) => times !== MESSAGES + 1).length;
    return { messages: MESSAGES, openedMs, delaysMs, wrong };
  } finally {
    for (const connection of connections) connection.stop();
    await api.close();
  }
}

async function until(isDone: () => boolean): Promise<void> {
  for (const start = performance.now(); !isDone(); ) {
    if (performance.now() - start > 60_000) throw new Error("A socket was never signalled.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
