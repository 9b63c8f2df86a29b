import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Paths } from "../client/paths.ts";
import { readPrivateJson, textField, writePrivateFile } from "../client/private-file.ts";

/** How one run of wrangler ended. */
export interface WranglerResult {
  readonly exitCode: number;
  /** What it printed, errors included; empty when the person saw it instead. */
  readonly output: string;
}

/**
 * Runs wrangler.
 *
 * @param options.quiet - keeps what it prints for the caller; otherwise the person sees it, for instance the login
 * @param options.outputFile - where wrangler writes what it did, one JSON object a line
 */
export type RunWrangler = (args: string[], options: { quiet?: boolean; outputFile?: string }) => WranglerResult;

export interface DeployInput {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly wrangler: RunWrangler;
  /** Makes and deploys a new key: every machine must be set up again. */
  readonly isNewKeyWanted: boolean;
}

export interface Deployed {
  /** null when wrangler did not say where it deployed to. */
  readonly url: string | null;
  /** Where the key is; "bridge" when this machine does not have it because it was set from elsewhere. */
  readonly key: { readonly place: "environment" | "config file" | "key file" | "bridge"; readonly isNew: boolean };
  /** For its owner alone: the key of the last deploy that made one. */
  readonly keyFile: string;
}

/** A step of the deploy that wrangler did not do. It has said why itself. */
export class DeployFailed extends Error {
  override readonly name = "DeployFailed";
}

/** Deploys the Worker, for the first time or again. A later deploy leaves the key as it is. */
export function deployBridge({ env, paths, wrangler, isNewKeyWanted }: DeployInput): Deployed {
  const keyFile = keyFileOf(paths);
  const known = isNewKeyWanted ? null : knownKey(env, paths, keyFile);
  const isKeptOnBridge =
    !known && !isNewKeyWanted && hasSecret(wrangler(["secret", "list", "--format", "json"], { quiet: true }));
  const made = known || isKeptOnBridge ? null : randomBytes(32).toString("base64url");
  // Before the deploy: a key that only the bridge knows would lock everyone out.
  if (made) writePrivateFile(keyFile, `${made}\n`);

  const url = runDeploy(wrangler, known?.key ?? made);
  return { url, keyFile, key: { place: known?.place ?? (made ? "key file" : "bridge"), isNew: made !== null } };
}

/** Where a deploy keeps the key it made, beside this machine's settings. */
export function keyFileOf(paths: Paths): string {
  return join(dirname(paths.configFile), "bridge-key");
}

function knownKey(env: NodeJS.ProcessEnv, paths: Paths, keyFile: string) {
  const given = env.BRIDGE_API_KEY?.trim();
  if (given) return { key: given, place: "environment" } as const;
  const configured = textField(readPrivateJson(paths.configFile), "apiKey")?.trim();
  if (configured) return { key: configured, place: "config file" } as const;
  const kept = readIfThere(keyFile)?.trim();
  return kept ? ({ key: kept, place: "key file" } as const) : null;
}

/** The secret goes through a file that only its owner can read and that is gone afterwards: arguments are public. */
function runDeploy(wrangler: RunWrangler, key: string | null): string | null {
  const folder = mkdtempSync(join(tmpdir(), "photon-deploy-"));
  try {
    const secretsFile = join(folder, "secrets.json");
    const outputFile = join(folder, "output.ndjson");
    if (key !== null) writeFileSync(secretsFile, JSON.stringify({ BRIDGE_API_KEY: key }), { mode: 0o600 });
    const { exitCode } = wrangler(["deploy", ...(key === null ? [] : ["--secrets-file", secretsFile])], { outputFile });
    if (exitCode !== 0) throw new DeployFailed("wrangler did not deploy the Worker; it says why above.");
    return deployedUrl(readIfThere(outputFile) ?? "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const DeployOutput = z.looseObject({ type: z.literal("deploy"), targets: z.array(z.string()).optional() });

/** The address of the Worker, from the lines of wrangler's output file; null when they do not name one. */
export function deployedUrl(output: string): string | null {
  for (const line of output.split("\n")) {
    const deploy = DeployOutput.safeParse(parseJson(line));
    const target = deploy.data?.targets?.find((each) => each.includes("."));
    if (target) return (/^https?:\/\//.test(target) ? target : `https://${target}`).replace(/\/+$/, "");
  }
  return null;
}

const SecretList = z.array(z.looseObject({ name: z.string() }));

/** How wrangler says that a Worker is not there. */
const NO_SUCH_WORKER = /code: 10007\b|Worker "[^"\n]*"[^\n]* not found/;

/**
 * Whether the deployed Worker has a key already. One that is not there has none.
 *
 * @throws DeployFailed when that cannot be told: a guess could replace the key that every machine uses
 */
export function hasSecret({ exitCode, output }: WranglerResult): boolean {
  if (exitCode !== 0 && NO_SUCH_WORKER.test(output)) return false;
  const secrets = SecretList.safeParse(parseJson(output.slice(output.indexOf("["), output.lastIndexOf("]") + 1)));
  if (exitCode === 0 && secrets.success) return secrets.data.some(({ name }) => name === "BRIDGE_API_KEY");
  throw new DeployFailed(
    "Cloudflare did not say whether the bridge has a key already, so nothing was deployed. " +
      "Are you logged in? Run `npx wrangler login`, or set BRIDGE_API_KEY to the key you want.",
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
