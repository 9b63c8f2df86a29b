import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { unstable_readConfig as readConfig } from "wrangler";
import * as z from "zod";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CONFIG_NAMES = ["wrangler.jsonc", "wrangler.json", "wrangler.toml"];

const RateLimit = z.object({
  namespace_id: z.string(),
  simple: z.object({ limit: z.int(), period: z.union([z.literal(10), z.literal(60)]) }),
});
type RateLimit = z.infer<typeof RateLimit>;

/** What of a wrangler configuration matters here, in the form that wrangler gives any of them. */
const Config = z.object({
  main: z.string().optional(),
  compatibility_date: z.string().optional(),
  compatibility_flags: z.array(z.string()),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
  ratelimits: z.array(RateLimit.extend({ name: z.string() })),
  vars: z.record(z.string(), z.unknown()),
});

/** A Worker script to be measured, and what it needs. */
export interface Script {
  readonly name: string;
  /** One ES module: the script and what counts around it. */
  readonly source: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly kvBindings: readonly string[];
  readonly rateLimits: Readonly<Record<string, RateLimit>>;
  /** Plain variables of its configuration, and under every name that may be meant for it the key. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface ScriptOptions {
  readonly name?: string | undefined;
  /** Binding of the KV namespace; by default what the wrangler configuration says, or else what the script calls. */
  readonly kv?: string | undefined;
  /** Variable that holds the key; by default each that the script calls a key, token or secret. */
  readonly secret?: string | undefined;
}

/**
 * Reads and bundles a script.
 *
 * @param path - of the script, or of a folder with a wrangler configuration that names it
 * @throws when there is none, or it cannot be bundled
 */
export async function loadScript(path: string, key: string, options: ScriptOptions = {}): Promise<Script> {
  const isFolder = statSync(path).isDirectory();
  const configPath = nearestConfig(isFolder ? path : dirname(path));
  const config = configPath ? Config.parse(readConfig({ config: configPath }, { hideWarnings: true })) : null;
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
  return {
    name: options.name ?? entry.split(sep).slice(-3).join("/"),
    source: await bundle(
      `import script from ${JSON.stringify(entry)};
       import { counted } from "./counting.ts";
       export default counted(script, ${JSON.stringify(kvBindings)});`,
    ),
    compatibilityDate: config?.compatibility_date ?? "2026-11-01",
    compatibilityFlags: config?.compatibility_flags ?? [],
    kvBindings,
    rateLimits: Object.fromEntries((config?.ratelimits ?? []).map(({ name, ...limit }) => [name, limit])),
    variables: { ...Object.fromEntries(variables), ...Object.fromEntries(secrets.map((name) => [name, key])) },
  };
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
    logLevel: "silent",
  });
  const [script] = outputFiles;
  if (!script) throw new Error("esbuild made nothing of the script.");
  return script.text;
}
