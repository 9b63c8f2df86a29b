import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** Listens in a thread that then stops, with room for two connections: Linux answers no further attempt to connect. */
const LISTENER = `
const { createServer } = require("node:http");
const { parentPort, workerData } = require("node:worker_threads");
const server = createServer((_, answer) => answer.end("hello from afar"));
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setTimeout(() => Atomics.wait(new Int32Array(workerData), 0, 0), 50);
});`;

/** A server on 127.0.0.1 that does not complete connections until it is freed, as if it were far away. */
export class BusyListener {
  readonly port: number;
  readonly #lock: Int32Array;
  readonly #thread: Worker;
  readonly #filling: Socket[] = [];

  private constructor(port: number, lock: Int32Array, thread: Worker) {
    this.port = port;
    this.#lock = lock;
    this.#thread = thread;
  }

  static async start(): Promise<BusyListener> {
    const memory = new SharedArrayBuffer(4);
    const thread = new Worker(LISTENER, { eval: true, workerData: memory });
    const [port] = await once(thread, "message");
    await new Promise((resolve) => setTimeout(resolve, 200)); // now the thread is stopped
    const listener = new BusyListener(port, new Int32Array(memory), thread);
    for (let i = 0; i < 4; i++) listener.#filling.push(connect(port, "127.0.0.1").on("error", () => undefined));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return listener;
  }

  /** Accepts connections. The system of the client repeats its attempt after a second. */
  free(): void {
    for (const socket of this.#filling) socket.destroy();
    Atomics.store(this.#lock, 0, 1);
    Atomics.notify(this.#lock, 0);
  }

  async end(): Promise<void> {
    this.free();
    await this.#thread.terminate();
  }
}
