import { ApiClient } from "../../client/api-client.ts";
import { LiveConnection } from "../../client/live/live-connection.ts";
import { startBridge } from "../../scripts/local-bridge.ts";
import { table } from "../document.ts";

const SOCKETS = 500;
const MESSAGES = 20;

/** Many machines on one object: how long until all have heard of a message to everyone. */
export async function measureSockets(data: string, key: string): Promise<string> {
  const bridge = await startBridge({ port: 0, data, key, isLive: true });
  const api = new ApiClient({ workerUrl: bridge.url, apiKey: key });
  const heard = Array.from({ length: SOCKETS }, () => 0);
  const lines = heard.map(
    (_, i) =>
      new LiveConnection({
        config: { workerUrl: bridge.url, apiKey: key, machine: `machine-${i}` },
        installation: null,
        onChanged: async () => {
          heard[i] = (heard[i] ?? 0) + 1;
        },
        onState: () => {},
      }),
  );
  try {
    const opening = performance.now();
    for (const line of lines) line.start();
    await until(() => heard.every((times) => times === 1));
    const openedMs = performance.now() - opening;
    const delays: number[] = [];
    for (let sent = 1; sent <= MESSAGES; sent++) {
      const start = performance.now();
      await api.call("sendMessage", { body: { content: `${sent}`, from: "mac" } });
      await until(() => heard.every((times) => times === sent + 1));
      delays.push(performance.now() - start);
    }
    delays.sort((a, b) => a - b);
    const rounded = (ms = Number.NaN) => Math.round(ms).toLocaleString("en");
    return table(
      `${SOCKETS} sockets on one Mailroom, ${MESSAGES} messages to everyone`,
      ["", "ms"],
      [
        ["until all are open and have heard once", rounded(openedMs)],
        ["from a send until the last has heard, p50", rounded(delays[Math.floor(MESSAGES / 2)])],
        ["the longest", rounded(delays.at(-1))],
        ["heard twice, or not at all", String(heard.filter((times) => times !== MESSAGES + 1).length)],
      ],
    );
  } finally {
    for (const line of lines) line.stop();
    await api.close();
    await bridge.close();
  }
}

async function until(isDone: () => boolean): Promise<void> {
  for (const start = performance.now(); !isDone(); ) {
    if (performance.now() - start > 60_000) throw new Error("Some socket never heard.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
