import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse } from "jsonc-parser";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import * as z from "zod";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface BridgeOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Default: this machine alone. */
  readonly host?: string;
  /** Folder for what KV keeps; made when it is missing. */
  readonly data: string;
  readonly key: string;
}

export interface RunningBridge {
  readonly url: string;
  readonly key: string;
  /** Ends workerd; resolves when it is gone. */
  close(): Promise<void>;
}

/** What of wrangler.jsonc matters here too, so that it is written down once. */
const WranglerSettings = z.object({
  compatibility_date: z.string(),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
  ratelimits: z.array(
    z.object({
      name: z.string(),
      namespace_id: z.string(),
      simple: z.object({ limit: z.int(), period: z.union([z.literal(10), z.literal(60)]) }),
    }),
  ),
});

/**
 * The same Worker that is deployed, in workerd on this machine, with the settings of wrangler.jsonc. Contacts nothing.
 *
 * @throws when the port is taken or the Worker does not start
 */
export async function startBridge({ port, host = "127.0.0.1", data, key }: BridgeOptions): Promise<RunningBridge> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const settings = WranglerSettings.parse(parse(readFileSync(`${ROOT}wrangler.jsonc`, "utf8")));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "photon",
      modules: true,
      script: await bundledWorker(),
      compatibilityDate: settings.compatibility_date,
      kvNamespaces: Object.fromEntries(settings.kv_namespaces.map(({ binding }) => [binding, binding])),
      ratelimits: Object.fromEntries(settings.ratelimits.map(({ name, ...limit }) => [name, limit])),
      bindings: { BRIDGE_API_KEY: key },
      resourcePersistencePath: data,
      host,
      port,
      cf: false,
      log: new Log(LogLevel.ERROR),
    }),
  );
  const url = await miniflare.ready;
  return { url: url.origin, key, close: () => miniflare.dispose() };
}

async function bundledWorker(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["worker/index.ts"],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2023",
    conditions: ["workerd", "worker"],
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
