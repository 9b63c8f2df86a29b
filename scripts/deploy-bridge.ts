import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import type { Paths } from "../client/disk/paths.ts";
import { readPrivateJson, textField, writePrivateFile } from "../client/disk/private-file.ts";
import { MACHINE_KEY } from "../contract/machine-list.ts";

/** The result of one run of wrangler. */
export interface WranglerResult {
  readonly exitCode: number;
  /** Its output including errors; empty if it went to the terminal. */
  readonly output: string;
}

/**
 * Runs wrangler.
 *
 * @param options.quiet - returns the output to the caller; otherwise it goes to the terminal, for example during login
 * @param options.outputFile - where wrangler records what it did, as JSON Lines
 */
export type RunWrangler = (args: string[], options: { quiet?: boolean; outputFile?: string }) => WranglerResult;

export interface DeployInput {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly wrangler: RunWrangler;
  /** Creates and deploys a new key. Every machine must then be set up again. */
  readonly isNewKeyWanted: boolean;
}

export interface Deployed {
  /** null if wrangler did not report the address. */
  readonly url: string | null;
  /** Where the key is; "bridge" if this machine does not have it because another one set it. */
  readonly key: { readonly place: "environment" | "config file" | "key file" | "bridge"; readonly isNew: boolean };
  /** Holds the key of the last deploy that created one. Readable only by its owner. */
  readonly keyFile: string;
}

/** A step of the deploy failed. */
export class DeployFailed extends Error {
  override readonly name = "DeployFailed";
}

/**
 * Deploys the Worker for the first time or again. A bridge that has a key keeps it: this machine may hold an older one,
 * which would lock out every other machine. Only a requested new key, or one in the environment, replaces it.
 */
export function deployBridge({ env, paths, wrangler, isNewKeyWanted }: DeployInput): Deployed {
  const deploy = (key: string | null) => runDeploy(wrangler, key);
  const keyFile = keyFileOf(paths);
  const given = isNewKeyWanted ? null : keyOfEnvironment(env);
  if (given) return { url: deploy(given.key), keyFile, key: { place: given.place, isNew: false } };

  const kept = isNewKeyWanted ? null : keyOfMachine(paths, keyFile);
  if (!isNewKeyWanted && hasSecret(wrangler(["secret", "list", "--format", "json"], { quiet: true }))) {
    return { url: deploy(null), keyFile, key: { place: kept?.place ?? "bridge", isNew: false } };
  }
  if (kept) return { url: deploy(kept.key), keyFile, key: { place: kept.place, isNew: false } };

  const made = randomBytes(KEY_BYTES).toString("base64url");
  // Saved before the deploy: a key that only the bridge knows would lock everyone out.
  writePrivateFile(keyFile, `${made}\n`);
  return { url: deploy(made), keyFile, key: { place: "key file", isNew: true } };
}

/** The length of a SHA-256 digest, which is what the Worker compares. */
const KEY_BYTES = 32;

/** The file for the key that a deploy created, next to this machine's settings. */
export function keyFileOf(paths: Paths): string {
  return paths.bridgeKey;
}

function keyOfEnvironment(env: NodeJS.ProcessEnv) {
  const key = env.BRIDGE_API_KEY?.trim();
  return key && !MACHINE_KEY.test(key) ? ({ key, place: "environment" } as const) : null;
}

/** Prefers the key file: a deploy creates its key before this machine is set up with it. */
function keyOfMachine(paths: Paths, keyFile: string) {
  const made = readIfExists(keyFile)?.trim();
  if (made) return { key: made, place: "key file" } as const;
  const configured = textField(readPrivateJson(paths.config), "apiKey")?.trim();
  // A joined machine has its own key there, not the bridge's.
  return configured && !MACHINE_KEY.test(configured) ? ({ key: configured, place: "config file" } as const) : null;
}

/** Passes the secret in a temporary file that only its owner can read, because other users can see arguments. */
function runDeploy(wrangler: RunWrangler, key: string | null): string | null {
  const folder = mkdtempSync(join(tmpdir(), "photon-deploy-"));
  try {
    const secretsFile = join(folder, "secrets.json");
    const outputFile = join(folder, "output.ndjson");
    if (key !== null) writeFileSync(secretsFile, JSON.stringify({ BRIDGE_API_KEY: key }), { mode: 0o600 });
    const { exitCode } = wrangler(["deploy", ...(key === null ? [] : ["--secrets-file", secretsFile])], { outputFile });
    if (exitCode !== 0) throw new DeployFailed("wrangler did not deploy the Worker. Its output above says why.");
    return deployedUrl(readIfExists(outputFile) ?? "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const DeployOutput = z.looseObject({ type: z.literal("deploy"), targets: z.array(z.string()).optional() });

/** The address of the Worker from wrangler's output file; null if it has none. */
export function deployedUrl(output: string): string | null {
  for (const line of output.split("\n")) {
    const deploy = DeployOutput.safeParse(parseJson(line));
    const target = deploy.data?.targets?.find((each) => each.includes("."));
    if (target) return (/^https?:\/\//.test(target) ? target : `https://${target}`).replace(/\/+$/, "");
  }
  return null;
}

const SecretList = z.array(z.looseObject({ name: z.string() }));

/** Wrangler's words for a Worker that does not exist. */
const NO_SUCH_WORKER = /code: 10007\b|Worker "[^"\n]*"[^\n]* not found/;

/**
 * Whether the Worker is deployed and has a key.
 *
 * @throws DeployFailed if that is unknown: a wrong guess could replace the key that every machine uses
 */
export function hasSecret({ exitCode, output }: WranglerResult): boolean {
  if (exitCode !== 0 && NO_SUCH_WORKER.test(output)) return false;
  const secrets = SecretList.safeParse(parseJson(output.slice(output.indexOf("["), output.lastIndexOf("]") + 1)));
  if (exitCode === 0 && secrets.success) return secrets.data.some(({ name }) => name === "BRIDGE_API_KEY");
  const reason = wranglersReason(output);
  throw new DeployFailed(
    [
      "Nothing was deployed, because wrangler could not ask whether the bridge already has a key:",
      "",
      ...(reason === "" ? ["  (wrangler gave no reason)"] : reason.split("\n").map((line) => `  ${line}`.trimEnd())),
      "",
      adviceOn(reason),
    ].join("\n"),
  );
}

/** Enough for the names of many accounts. */
const MAX_REASON_CHARS = 3_000;

/** What wrangler complained about, without colors, its mark for errors, the place of its log, and its offer of another account. */
export function wranglersReason(output: string): string {
  const text = stripVTControlCharacters(output);
  const start = text.search(/^.*\[ERROR\]/m);
  return text
    .slice(Math.max(start, 0))
    .replace(/^.*\[ERROR\] ?/m, "")
    .replace(/^.*Logs were written to .*$/gm, "")
    .replace(/^.*--temporary.*$/gm, "")
    .replace(/\n\s*\n(?:\s*\n)*/g, "\n\n")
    .trim()
    .slice(0, MAX_REASON_CHARS);
}

/** Never advises to set another key: every machine uses the one that the bridge may have. */
function adviceOn(reason: string): string {
  if (/more than one account|CLOUDFLARE_ACCOUNT_ID/i.test(reason))
    return "Set CLOUDFLARE_ACCOUNT_ID to the account of your bridge, then run this again: CLOUDFLARE_ACCOUNT_ID=… npm run deploy";
  if (/not logged in|authenticat|CLOUDFLARE_API_TOKEN|wrangler login|code: (?:10000|10001|9109)\b/i.test(reason))
    return "Run `npx wrangler login`, or check CLOUDFLARE_API_TOKEN if you set it, then run this again.";
  return "`npx wrangler whoami` shows whether Cloudflare answers and which account is used. Then run this again.";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readIfExists(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
