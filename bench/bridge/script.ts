import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { unstable_readConfig as readConfig } from "wrangler";
import * as z from "zod";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const NODE_MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const CONFIG_NAMES = ["wrangler.jsonc", "wrangler.json", "wrangler.toml"];

/** The load has one key and one address. The limiter is called as often as in real use, but refuses nothing. */
const LIMIT_OF_THE_BENCH = 1_000_000;

const RateLimit = z.object({
  namespace_id: z.string(),
  simple: z.object({ limit: z.int(), period: z.union([z.literal(10), z.literal(60)]) }),
});
type RateLimit = z.infer<typeof RateLimit>;

/** A binding of a Durable Object class of the script. */
const ObjectBinding = z.object({ name: z.string(), class_name: z.string() });
type ObjectBinding = z.infer<typeof ObjectBinding>;

/** The parts of a wrangler configuration that matter here, as wrangler returns them. */
const Config = z.object({
  main: z.string().optional(),
  compatibility_date: z.string().optional(),
  compatibility_flags: z.array(z.string()),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
  durable_objects: z.object({ bindings: z.array(ObjectBinding) }),
  ratelimits: z.array(RateLimit.extend({ name: z.string() })),
  vars: z.record(z.string(), z.unknown()),
});

/** A Worker script to measure, with its configuration. */
export interface Script {
  readonly name: string;
  /** One ES module: the script with the counting wrapper. */
  readonly source: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly kvBindings: readonly string[];
  readonly objects: readonly ObjectBinding[];
  readonly rateLimits: Readonly<Record<string, RateLimit>>;
  /** The plain variables of its configuration, plus the key under every name that may be meant for it. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface ScriptOptions {
  readonly name?: string | undefined;
  /** An environment of the wrangler configuration. */
  readonly environment?: string;
  /** Ignores the nearest wrangler configuration, which belongs to another script. */
  readonly isAlone?: boolean;
  /** The KV binding; by default from the wrangler configuration, else from the script's code. */
  readonly kv?: string | undefined;
  /** The variable with the key; by default every one that the script's code calls a key, token or secret. */
  readonly secret?: string | undefined;
}

/**
 * Reads and bundles a script.
 *
 * @param path - of the script, or of a folder with a wrangler configuration that names it
 * @throws if the script does not exist or cannot be bundled
 */
export async function loadScript(path: string, key: string, options: ScriptOptions = {}): Promise<Script> {
  const isFolder = statSync(path).isDirectory();
  const config = options.isAlone ? null : configOf(isFolder ? path : dirname(path), options.environment);
  const entry = isFolder ? config?.main : resolve(path);
  if (!entry) throw new Error(`${path} has no wrangler configuration that names a script.`);

  const probe = await bundle(`export { default } from ${JSON.stringify(entry)};`);
  const configured = config?.kv_namespaces.map(({ binding }) => binding) ?? [];
  const called = configured.length > 0 ? configured : namesIn(probe, /\benv\d*\.(\w+)\.(?:get|put|list)\(/g);
  const kvBindings = options.kv ? [options.kv] : called.length > 0 ? called : ["MESSAGES"];
  const secrets = options.secret ? [options.secret] : namesIn(probe, /\benv\d*\.(\w*(?:KEY|TOKEN|SECRET))\b/g);
  const variables = Object.entries(config?.vars ?? {}).filter((pair): pair is [string, string] => {
    return typeof pair[1] === "string";
  });
  const objects = config?.durable_objects.bindings ?? [];
  return {
    name: options.name ?? entry.split(sep).slice(-3).join("/"),
    source: await bundle(countedSource(entry, kvBindings, objects)),
    compatibilityDate: config?.compatibility_date ?? "2026-11-01",
    compatibilityFlags: config?.compatibility_flags ?? [],
    kvBindings,
    objects,
    rateLimits: Object.fromEntries(
      (config?.ratelimits ?? []).map(({ name, namespace_id, simple: { period } }) => [
        name,
        { namespace_id, simple: { limit: LIMIT_OF_THE_BENCH, period } },
      ]),
    ),
    variables: { ...Object.fromEntries(variables), ...Object.fromEntries(secrets.map((name) => [name, key])) },
  };
}

/** Makes an entry module that wraps a script and each of its object classes with counters. */
function countedSource(entry: string, kvBindings: readonly string[], objects: readonly ObjectBinding[]): string {
  const from = JSON.stringify(entry);
  const kv = JSON.stringify(kvBindings);
  return [
    `import script from ${from};`,
    `import { counted, countedObject } from "./counting.ts";`,
    `export default counted(script, ${kv});`,
    ...objects.flatMap(({ class_name: name }) => [
      `import { ${name} as Inner${name} } from ${from};`,
      `export class ${name} extends countedObject(Inner${name}, ${kv}) {}`,
    ]),
  ].join("\n");
}

function configOf(folder: string, environment: string | undefined): z.infer<typeof Config> | null {
  const path = nearestConfig(folder);
  if (path === null) return null;
  return Config.parse(readConfig({ config: path, ...(environment && { env: environment }) }, { hideWarnings: true }));
}

function nearestConfig(folder: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = CONFIG_NAMES.map((name) => join(at, name)).find(existsSync);
    if (found) return found;
    if (at === dirname(at)) return null;
  }
}

function namesIn(source: string, pattern: RegExp): string[] {
  return [...new Set([...source.matchAll(pattern)].flatMap(([, name]) => name ?? []))];
}

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: HERE, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2023",
    conditions: ["workerd", "worker"],
    external: ["node:*", "cloudflare:*"],
    nodePaths: [NODE_MODULES], // for sources outside this repository
    logLevel: "silent",
  });
  const [script] = outputFiles;
  if (!script) throw new Error("esbuild produced no output for the script.");
  return script.text;
}
