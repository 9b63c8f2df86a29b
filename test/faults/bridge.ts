import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../../client/bridge/api-client.ts";
import type { Message } from "../../contract/message.ts";
import { BridgeProcess } from "../support/scripts/bridge-process.ts";

const KEY = "faults-key-0123456789abcdef0123456789abcdef";

/** The real Worker in workerd, in separate processes. It can be killed and restarted with the same port and data. */
export class Bridge {
  readonly key = KEY;
  readonly #folder: string;
  #process: BridgeProcess | null = null;
  #url: string | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<Bridge> {
    const bridge = new Bridge(mkdtempSync(join(tmpdir(), "photon bridge ")));
    await bridge.start();
    return bridge;
  }

  get url(): string {
    if (this.#url === null) throw new Error("The bridge was never started.");
    return this.#url;
  }

  async start(): Promise<void> {
    const port = this.#url === null ? "0" : new URL(this.#url).port;
    this.#process = new BridgeProcess(["--port", port, "--data", this.#folder, "--name", "bridge.invalid"], {
      BRIDGE_API_KEY: KEY,
      HOME: this.#folder,
      TMPDIR: this.#folder, // leftovers of a killed process are removed with the folder
    });
    this.#url = await this.#process.ready();
  }

  /** Kills workerd and its parent with SIGKILL at any moment. Afterwards nothing listens. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    await running?.end("SIGKILL", { toGroup: true });
  }

  /** All messages, oldest first, with their receipts. */
  async everything(): Promise<Message[]> {
    const api = new ApiClient({ workerUrl: this.url, apiKey: KEY });
    try {
      const newestFirst: Message[] = [];
      let cursor: string | undefined;
      do {
        const page = await api.call("listMessages", { query: { limit: "100", ...(cursor && { cursor }) } });
        for (const { id } of page.messages) newestFirst.push(await api.call("getMessage", { id, query: {} }));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return newestFirst.reverse();
    } finally {
      await api.close();
    }
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
