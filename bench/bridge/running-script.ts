import { basename } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { type Dispatcher, Pool } from "undici";
import * as z from "zod";
import { endWithThisProcess } from "../../scripts/end-with-this-process.ts";
import { BENCH_PATHS, type Counts, type ObjectName, type Statement, type Texts } from "./counting.ts";
import { childrenNamed, cpuMs } from "./process-time.ts";
import type { Script } from "./script.ts";

const REQUEST_TIMEOUT_MS = 30_000;

const ResumedCounts = z.object({
  requests: z.int(),
  reads: z.int(),
  writes: z.int(),
  lists: z.int(),
  deletes: z.int(),
  calls: z.int(),
  socketMessages: z.int(),
  rowsRead: z.int(),
  rowsWritten: z.int(),
});

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  /** null if it is empty or not JSON. */
  readonly body: unknown;
}

export interface RequestInit {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A script in workerd with a local KV and its objects, and keep-alive connections to it. */
export class RunningScript {
  /** Without a trailing slash. */
  readonly url: string;
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
    this.url = url.origin;
    this.#pool = new Pool(url.origin, { connections, headersTimeout: REQUEST_TIMEOUT_MS });
  }

  /**
   * @param folder - for the data of KV and the objects. Only one script may run at a time, so that its process is known
   * @param connections - how many requests may run at the same time
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
        durableObjects: Object.fromEntries(
          script.objects.map(({ name, class_name: className }) => [name, { className, useSQLite: true }]),
        ),
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

  /** What the script used since the last call. Includes rows only after {@link countRows}. */
  async takeCounts(): Promise<Counts> {
    return ResumedCounts.parse((await this.request("GET", BENCH_PATHS.counts)).body);
  }

  /** Counts rows from now on. That costs time, so do not use it while time is measured. */
  async countRows(): Promise<void> {
    await this.request("GET", `${BENCH_PATHS.counts}?rows`);
  }

  /** Runs a statement in the database of an object, uncounted. */
  async runStatement({ binding, name }: ObjectName, sql: string, ...values: Statement["values"]): Promise<void> {
    await this.#prepare(BENCH_PATHS.statement, { binding, name, sql, values } satisfies Statement);
  }

  /** Runs the alarm handler of an object now, counted. */
  async runAlarm(object: ObjectName): Promise<void> {
    await this.#prepare(BENCH_PATHS.alarm, object);
  }

  /** Writes keys to KV, uncounted. */
  async writeTexts(texts: Texts): Promise<void> {
    await this.#prepare(BENCH_PATHS.texts, texts);
  }

  async #prepare(path: string, body: unknown): Promise<void> {
    const { status, body: answer } = await this.request("POST", path, { body });
    if (status !== 200) throw new Error(`The load could not be prepared: ${status} ${JSON.stringify(answer)}`);
  }

  /** The CPU time of workerd so far, in milliseconds; NaN if unknown. */
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
