import { basename } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { type Dispatcher, Pool } from "undici";
import * as z from "zod";
import { endWithThisProcess } from "../../scripts/end-with-this-process.ts";
import { KV_PATH, OPERATIONS_PATH, type Operations } from "./counting.ts";
import { childrenNamed, cpuMs } from "./process-time.ts";
import type { Script } from "./script.ts";

const REQUEST_TIMEOUT_MS = 30_000;

const OperationCounts = z.object({ reads: z.int(), writes: z.int(), lists: z.int(), deletes: z.int() });

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  /** null when it is empty or no JSON. */
  readonly body: unknown;
}

export interface RequestInit {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A script in workerd with a local KV, and keep-alive connections to it. */
export class RunningScript {
  readonly #key: string;
  readonly #miniflare: Miniflare;
  readonly #pool: Pool;
  readonly #stopGuarding: () => void;
  readonly #pid: number | undefined;

  private constructor(miniflare: Miniflare, url: URL, key: string, connections: number, stopGuarding: () => void) {
    this.#miniflare = miniflare;
    this.#key = key;
    this.#stopGuarding = stopGuarding;
    this.#pid = childrenNamed("workerd").at(-1);
    this.#pool = new Pool(url.origin, { connections, headersTimeout: REQUEST_TIMEOUT_MS });
  }

  /**
   * @param folder - what KV keeps; only one script at a time may run, so that its process is known
   * @param connections - how many requests may be under way
   */
  static async start(script: Script, folder: string, key: string, connections = 1): Promise<RunningScript> {
    const stopGuarding = endWithThisProcess((program) => basename(program).startsWith("workerd"));
    const miniflare = new Miniflare(
      convertV4MiniflareOptions({
        name: "measured",
        modules: true,
        script: script.source,
        compatibilityDate: script.compatibilityDate,
        compatibilityFlags: [...script.compatibilityFlags],
        kvNamespaces: Object.fromEntries(script.kvBindings.map((binding) => [binding, binding])),
        ratelimits: { ...script.rateLimits },
        bindings: { ...script.variables },
        resourcePersistencePath: folder,
        host: "127.0.0.1",
        port: 0,
        cf: false,
        log: new Log(LogLevel.ERROR),
        handleStructuredLogs: () => undefined,
      }),
    );
    return new RunningScript(miniflare, await miniflare.ready, key, connections, stopGuarding);
  }

  async request(method: Dispatcher.HttpMethod, path: string, init: RequestInit = {}): Promise<Answer> {
    const { statusCode, headers, body } = await this.#pool.request({
      method,
      path,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(init.body === undefined ? {} : { "content-type": "application/json" }),
        ...init.headers,
      },
      body: init.body === undefined ? null : JSON.stringify(init.body),
    });
    const text = await body.text();
    const { etag } = headers;
    return { status: statusCode, etag: typeof etag === "string" ? etag : undefined, body: parseJson(text) };
  }

  /** Asks KV the same as the script would, without the script. */
  async askKv(asked: { read?: readonly string[]; write?: string; list?: string }): Promise<void> {
    const { read = [], write, list } = asked;
    const query = new URLSearchParams();
    for (const key of read) query.append("read", key);
    if (write !== undefined) query.append("write", write);
    if (list !== undefined) query.append("list", list);
    const { status } = await this.request("GET", `${KV_PATH}?${query}`);
    if (status !== 200) throw new Error(`KV alone answered ${status}.`);
  }

  /** What the script asked of KV since the last call. */
  async takeOperations(): Promise<Operations> {
    return OperationCounts.parse((await this.request("GET", OPERATIONS_PATH)).body);
  }

  /** What workerd has computed so far, in milliseconds; NaN where that cannot be known. */
  cpuMs(): number {
    return this.#pid === undefined ? Number.NaN : cpuMs(this.#pid);
  }

  async stop(): Promise<void> {
    await this.#pool.close();
    this.#stopGuarding();
    await this.#miniflare.dispose();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
