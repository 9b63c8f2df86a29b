// Wraps the measured script in workerd and counts its operations on KV and on the storage of its objects. The counts are
// for the whole isolate, in which the Worker and its objects run.

/** Paths of the bench, which no script uses. */
export const BENCH_PATHS = {
  /** GET: the counts since the last request. After the first request with `?rows`, rows are counted as well. */
  counts: "/__bench/counts",
  /** POST {@link Statement}: runs one statement in an object's database. */
  statement: "/__bench/statement",
  /** POST {@link ObjectName}: runs the object's alarm handler now. */
  alarm: "/__bench/alarm",
  /** POST {@link Texts}: writes keys. */
  texts: "/__bench/texts",
} as const;

/** What was used since the last request for the counts, in the units of the free plan. */
export interface Counts {
  /** Requests to the Worker. */
  readonly requests: number;
  /** KV operations; a bulk read counts once for each key. */
  readonly reads: number;
  readonly writes: number;
  readonly lists: number;
  readonly deletes: number;
  /** Requests to the objects: calls, opened sockets, alarms. */
  readonly calls: number;
  /** Messages received over sockets, without pings that are answered automatically. Twenty count as one request. */
  readonly socketMessages: number;
  readonly rowsRead: number;
  /** Setting an alarm counts as a row. */
  readonly rowsWritten: number;
}

export interface ObjectName {
  readonly binding: string;
  readonly name: string;
}

export interface Statement extends ObjectName {
  readonly sql: string;
  readonly values: readonly (string | number | null)[];
}

export interface Texts {
  readonly binding: string;
  readonly texts: readonly { readonly key: string; readonly value: string }[];
}

/** The counted methods of a KV namespace. */
type Kv = Record<"get" | "getWithMetadata" | "put" | "list" | "delete", (...args: unknown[]) => unknown>;

interface Cursor {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  toArray(): unknown[];
}

interface Storage {
  readonly sql: { exec(sql: string, ...values: unknown[]): Cursor };
  setAlarm(at: number): Promise<void>;
}

interface BenchObject {
  benchStatement(sql: string, values: readonly unknown[]): Promise<void>;
  benchAlarm(): Promise<void>;
}

type Env = Record<string, unknown>;
type Fetch = (request: Request, env: Env, context: unknown) => Response | Promise<Response>;
type Script = { fetch: Fetch } | (new (context: unknown, env: Env) => { fetch(request: Request): Promise<Response> });
type ObjectContext = { readonly storage: Storage };
type ObjectClass = new (context: ObjectContext, env: Env) => object;

const NONE: Counts = {
  requests: 0,
  reads: 0,
  writes: 0,
  lists: 0,
  deletes: 0,
  calls: 0,
  socketMessages: 0,
  rowsRead: 0,
  rowsWritten: 0,
};

let counts = { ...NONE };
let isCountingRows = false;
/** A cursor knows its rows only after it has been read to the end. */
let cursors: Cursor[] = [];

/** The same script with the paths of the bench. Only its KV object is replaced. */
export function counted(script: Script, kvBindings: readonly string[]): { fetch: Fetch } {
  return {
    async fetch(request, env, context) {
      const url = new URL(request.url);
      if (url.pathname === BENCH_PATHS.counts) return takeCounts(url.searchParams.has("rows"));
      if (Object.values<string>(BENCH_PATHS).includes(url.pathname)) return prepare(url.pathname, request, env);
      counts.requests++;
      const kvEnv = withCountedKv(env, kvBindings);
      if (typeof script === "function") return new script(context, kvEnv).fetch(request);
      return script.fetch(request, kvEnv, context);
    },
  };
}

/** The same object class, with its calls, rows and KV operations counted. */
export function countedObject(Inner: ObjectClass, kvBindings: readonly string[]): ObjectClass {
  class Counted extends Inner {
    readonly #storage: Storage;

    constructor(context: ObjectContext, env: Env) {
      countStorage(context.storage);
      super(context, withCountedKv(env, kvBindings));
      this.#storage = context.storage;
    }

    async benchStatement(sql: string, values: readonly unknown[]): Promise<void> {
      this.#storage.sql.exec(sql, ...values).toArray();
    }

    async benchAlarm(): Promise<void> {
      if ("alarm" in this && typeof this.alarm === "function") await this.alarm();
    }
  }
  for (const name of Object.getOwnPropertyNames(Inner.prototype)) {
    const method: unknown = Inner.prototype[name];
    if (name === "constructor" || typeof method !== "function") continue;
    const counter = name === "webSocketMessage" ? "socketMessages" : "calls";
    const isCounted = !["webSocketClose", "webSocketError"].includes(name);
    Object.defineProperty(Counted.prototype, name, {
      value(this: object, ...args: unknown[]) {
        if (isCounted) counts[counter]++;
        return Reflect.apply(method, this, args);
      },
    });
  }
  return Counted;
}

function countStorage(storage: Storage): void {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = storage.setAlarm.bind(storage);
  Object.defineProperty(sql, "exec", {
    value(statement: string, ...values: unknown[]) {
      const cursor = exec(statement, ...values);
      if (isCountingRows) cursors.push(cursor);
      return cursor;
    },
  });
  Object.defineProperty(storage, "setAlarm", {
    value(at: number) {
      counts.rowsWritten++;
      return setAlarm(at);
    },
  });
}

function withCountedKv(env: Env, kvBindings: readonly string[]): Env {
  const kvs = kvBindings.map((name) => [name, countedKv(env[name] as Kv)] as const); // bound by the bench itself
  return { ...env, ...Object.fromEntries(kvs) };
}

function countedKv(kv: Kv): Kv {
  const keysIn = (key: unknown) => (Array.isArray(key) ? key.length : 1);
  return {
    get: (...args) => {
      counts.reads += keysIn(args[0]);
      return kv.get(...args);
    },
    getWithMetadata: (...args) => {
      counts.reads += keysIn(args[0]);
      return kv.getWithMetadata(...args);
    },
    put: (...args) => {
      counts.writes++;
      return kv.put(...args);
    },
    list: (...args) => {
      counts.lists++;
      return kv.list(...args);
    },
    delete: (...args) => {
      counts.deletes++;
      return kv.delete(...args);
    },
  };
}

function takeCounts(withRows: boolean): Response {
  for (const { rowsRead, rowsWritten } of cursors) {
    counts.rowsRead += rowsRead;
    counts.rowsWritten += rowsWritten;
  }
  const taken = counts;
  counts = { ...NONE };
  cursors = [];
  if (withRows) isCountingRows = true;
  return Response.json(taken);
}

/** Preparation is not counted. */
async function prepare(path: string, request: Request, env: Env): Promise<Response> {
  const wasCountingRows = isCountingRows;
  if (path === BENCH_PATHS.texts) {
    const { binding, texts }: Texts = JSON.parse(await request.text());
    const kv = env[binding] as Kv; // bound by the bench itself, like the objects
    await Promise.all(texts.map(({ key, value }) => kv.put(key, value)));
    return Response.json({});
  }
  const asked: ObjectName | Statement = JSON.parse(await request.text());
  const namespace = env[asked.binding] as { getByName(name: string): BenchObject };
  const object = namespace.getByName(asked.name);
  if ("sql" in asked) {
    isCountingRows = false;
    await object.benchStatement(asked.sql, asked.values);
    isCountingRows = wasCountingRows;
  } else {
    await object.benchAlarm();
  }
  return Response.json({});
}
