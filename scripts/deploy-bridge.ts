import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Paths } from "../client/disk/paths.ts";
import { readPrivateJson, textField, writePrivateFile } from "../client/disk/private-file.ts";
import { MACHINE_KEY } from "../contract/machine-list.ts";

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
  /** Where to look for the key; "bridge" when this machine has none because it was set from elsewhere. */
  readonly key: { readonly place: "environment" | "config file" | "key file" | "bridge"; readonly isNew: boolean };
  /** For its owner alone: the key of the last deploy that made one. */
  readonly keyFile: string;
}

/** A step of the deploy that wrangler did not do. It has said why itself. */
export class DeployFailed extends Error {
  override readonly name = "DeployFailed";
}

/**
 * Deploys the Worker, for the first time or again. A bridge that has a key keeps it: what this machine holds may be older,
 * and every other machine would be locked out. Only a new key that was asked for, or one in the environment, replaces it.
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
  // Before the deploy: a key that only the bridge knows would lock everyone out.
  writePrivateFile(keyFile, `${made}\n`);
  return { url: deploy(made), keyFile, key: { place: "key file", isNew: true } };
}

/** As long as a SHA-256 digest, which the Worker compares. */
const KEY_BYTES = 32;

/** Where a deploy keeps the key it made, beside this machine's settings. */
export function keyFileOf(paths: Paths): string {
  return join(dirname(paths.config), "bridge-key");
}

function keyOfEnvironment(env: NodeJS.ProcessEnv) {
  const key = env.BRIDGE_API_KEY?.trim();
  return key && !MACHINE_KEY.test(key) ? ({ key, place: "environment" } as const) : null;
}

/** The newest first: a deploy makes its key before this machine is set up with it. */
function keyOfMachine(paths: Paths, keyFile: string) {
  const made = readIfThere(keyFile)?.trim();
  if (made) return { key: made, place: "key file" } as const;
  const configured = textField(readPrivateJson(paths.config), "apiKey")?.trim();
  // A machine that has joined has its own there, which is not the bridge's.
  return configured && !MACHINE_KEY.test(configured) ? ({ key: configured, place: "config file" } as const) : null;
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
