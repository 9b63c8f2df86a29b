// Runs in workerd, around the script that is measured: counts what it asks of KV.

/** Where the counts are; no script has such a path. */
export const OPERATIONS_PATH = "/__operations";

/** Asks KV for what the query names (`read`, `write` and `list`, each as often as one likes), and does nothing else. */
export const KV_PATH = "/__kv";

/** As large as the event of a short message. */
const METADATA = {
  v: 1,
  type: "message",
  id: "0".repeat(36),
  from: "mac",
  to: "pc",
  kind: "note",
  content: "-".repeat(24),
};

/** What was asked of KV since the counts were taken last. */
export interface Operations {
  /** One for each key, in a bulk read too, as the daily quota counts them. */
  readonly reads: number;
  readonly writes: number;
  readonly lists: number;
  readonly deletes: number;
}

/** The methods of a KV namespace, as far as they are counted. */
type Kv = Record<"get" | "getWithMetadata" | "put" | "list" | "delete", (...args: unknown[]) => unknown>;

type Env = Record<string, unknown>;
type Fetch = (request: Request, env: Env, context: unknown) => Response | Promise<Response>;
type Script = { fetch: Fetch } | (new (context: unknown, env: Env) => { fetch(request: Request): Promise<Response> });

/** The same script, with a path more. What it does is left alone, but for the object that it has for KV. */
export function counted(script: Script, kvBindings: readonly string[]): { fetch: Fetch } {
  let counts = { reads: 0, writes: 0, lists: 0, deletes: 0 };
  const keysIn = (key: unknown) => (Array.isArray(key) ? key.length : 1);
  const counting = (kv: Kv): Kv => ({
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
  });
  let known: { env: Env; counted: Env } | undefined;
  const withCounts = (env: Env): Env => {
    if (known?.env === env) return known.counted;
    const counted = kvBindings.map((name) => [name, counting(env[name] as Kv)] as const); // bound by the bench itself
    known = { env, counted: { ...env, ...Object.fromEntries(counted) } };
    return known.counted;
  };
  return {
    async fetch(request, env, context) {
      const url = new URL(request.url);
      if (url.pathname === OPERATIONS_PATH) {
        const taken = counts;
        counts = { reads: 0, writes: 0, lists: 0, deletes: 0 };
        return Response.json(taken);
      }
      const kvEnv = withCounts(env);
      if (url.pathname === KV_PATH) return askKv(url.searchParams, kvEnv[kvBindings[0] ?? ""] as Kv); // bound as above
      if (typeof script === "function") return new script(context, kvEnv).fetch(request);
      return script.fetch(request, kvEnv, context);
    },
  };
}

async function askKv(query: URLSearchParams, kv: Kv): Promise<Response> {
  for (const key of query.getAll("write")) await kv.put(key, "", { metadata: METADATA, expirationTtl: 86_400 });
  const keys = query.getAll("read");
  if (keys.length > 0) await kv.get(keys, { type: "text", cacheTtl: 30 });
  for (const prefix of query.getAll("list")) await kv.list({ prefix });
  return Response.json({});
}
