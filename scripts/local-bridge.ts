import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse } from "jsonc-parser";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import * as z from "zod";
import { endWithThisProcess } from "./end-with-this-process.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface BridgeOptions {
  /** 0 chooses a free port. */
  readonly port: number;
  /** By default only this machine can reach the bridge. */
  readonly host?: string;
  /** Additional names by which the bridge is reached. */
  readonly names?: readonly string[];
  /** Folder for the data of the object and KV; created if it is missing. */
  readonly data: string;
  readonly key: string;
}

export interface RunningBridge {
  /** Without a trailing slash. */
  readonly url: string;
  readonly key: string;
  /** Resolves when workerd has ended. */
  close(): Promise<void>;
}

const DurableObjects = z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) });
type DurableObjects = z.infer<typeof DurableObjects>;

/** The Worker, with checks that Cloudflare makes for a deployed one. */
const MAIN = "worker/local.ts";

/** The settings in wrangler.jsonc that a local bridge shares. */
const WranglerSettings = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
  durable_objects: DurableObjects,
  ratelimits: z.array(
    z.object({
      name: z.string(),
      namespace_id: z.string(),
      simple: z.object({ limit: z.int(), period: z.union([z.literal(10), z.literal(60)]) }),
    }),
  ),
});

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs the Worker in workerd on this machine, with the settings of wrangler.jsonc. Contacts no other machine and prints
 * nothing; the Worker's own log goes to stderr.
 *
 * @throws if the port is in use, or the Worker cannot be bundled or does not start
 */
export async function startBridge({
  port,
  host = "127.0.0.1",
  names = [],
  data,
  key,
}: BridgeOptions): Promise<RunningBridge> {
  const settings = WranglerSettings.parse(parse(readFileSync(join(ROOT, "wrangler.jsonc"), "utf8")));
  // Messages are private, whatever mode the given folder has.
  const store = join(data, "store");
  mkdirSync(store, { recursive: true, mode: 0o700 });

  const ownHandlers = SIGNALS.map((signal) => process.listeners(signal));
  const stopGuarding = endWithThisProcess((program) => basename(program).startsWith("workerd"));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "photon",
      modules: true,
      script: await bundledWorker(),
      compatibilityDate: settings.compatibility_date,
      compatibilityFlags: settings.compatibility_flags,
      kvNamespaces: Object.fromEntries(settings.kv_namespaces.map(({ binding }) => [binding, binding])),
      ratelimits: Object.fromEntries(settings.ratelimits.map(({ name, ...limit }) => [name, limit])),
      durableObjects: objectsOf(settings.durable_objects),
      bindings: { BRIDGE_API_KEY: key, LOCAL_NAMES: namesOf([host, ...names]) },
      resourcePersistencePath: store,
      host,
      port,
      cf: false,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ message }) => process.stderr.write(`${message}\n`),
    }),
  );
  leaveSignalsTo(ownHandlers);
  const close = async () => {
    stopGuarding();
    await miniflare.dispose();
  };
  try {
    const url = await miniflare.ready;
    return { url: url.origin, key, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Removes miniflare's handlers of the signals that the caller handles. They exit at once, without waiting for workerd and for
 * what the caller started.
 */
function leaveSignalsTo(own: readonly (readonly NodeJS.SignalsListener[])[]): void {
  for (const [index, signal] of SIGNALS.entries()) {
    const handlers = own[index] ?? [];
    const others = process.listeners(signal).filter((handler) => !handlers.includes(handler));
    if (handlers.length > 0) for (const handler of others) process.removeListener(signal, handler);
  }
}

function objectsOf({ bindings }: DurableObjects) {
  const objects = bindings.map(({ name, class_name: className }) => [name, { className, useSQLite: true }]);
  return Object.fromEntries(objects);
}

/** Names that other machines in the network may use for this one, in addition to its addresses. */
function namesOf(given: readonly string[]): string[] {
  const own = hostname().toLowerCase();
  return [...given.map((name) => name.toLowerCase()), own, `${own.replace(/\.local$/, "")}.local`];
}

async function bundledWorker(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [MAIN],
    bundle: true,
    write: false,
    format: "esm",
    external: ["cloudflare:*"],
    target: "es2023",
    conditions: ["workerd", "worker"],
    logLevel: "silent",
  });
  const [script] = outputFiles;
  if (!script) throw new Error("esbuild produced no output for the Worker.");
  return script.text;
}
