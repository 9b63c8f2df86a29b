import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as realSleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ChangeSignal } from "./change-signal.ts";
import { PhotonError } from "./photon-error.ts";

const HOUR_MS = 60 * 60_000;

let server: Server;
let attempts: number;
let questions: number;
let signal: ChangeSignal;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  [attempts, questions] = [0, 0];
  server = createServer();
  server.on("upgrade", (_, socket) => {
    attempts++;
    // Not 401, after which undici retries by itself.
    socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  signal.stop();
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

function signalWith(answer: () => Promise<void>): ChangeSignal {
  const { port } = server.address() as AddressInfo;
  return new ChangeSignal({
    config: { workerUrl: `http://127.0.0.1:${port}`, apiKey: "wrong", machine: "mac", project: null },
    random: () => 1,
    onChanged: () => {
      questions++;
      return answer();
    },
  });
}

/** Advances the fake time in steps, so that the server can answer each attempt to open a socket. */
async function pass(ms: number) {
  for (let passed = 0; passed < ms; passed += 30_000) {
    await vi.advanceTimersByTimeAsync(Math.min(30_000, ms - passed));
    await realSleep(5);
  }
}
const until = async (isDone: () => boolean) => {
  for (const start = performance.now(); !isDone(); await realSleep(5)) {
    if (performance.now() - start > 5_000) throw new Error("It did not happen.");
  }
};

it.each(["unauthorized", "forbidden"] as const)(
  "retries a refused key (%s) once an hour, with one socket and one check",
  async (code) => {
    signal = signalWith(() => Promise.reject(new PhotonError(code, "no")));
    signal.start();
    await until(() => signal.how === "refused");
    expect([attempts, questions]).toEqual([1, 1]);
    await pass(HOUR_MS - 60_000);
    expect([attempts, questions]).toEqual([1, 1]);
    await pass(60_000);
    await until(() => questions === 2);
    expect([attempts, signal.how]).toEqual([2, "refused"]);
  },
);

it("retries an unreachable bridge every minute", async () => {
  signal = signalWith(() => Promise.reject(new PhotonError("offline", "away")));
  signal.start();
  await until(() => attempts === 1);
  await pass(10 * 60_000);
  expect(attempts).toBeGreaterThan(8);
  expect(signal.how).toBe("polling");
});
