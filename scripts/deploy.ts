// npm run deploy [-- --dry-run | --new-key]: deploys the bridge to your own Cloudflare account, for the first time or again.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { photonPaths } from "../client/disk/paths.ts";
import { type Deployed, DeployFailed, deployBridge, type RunWrangler } from "./deploy-bridge.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const USAGE = "Usage: npm run deploy [-- --dry-run | --new-key]";

const wrangler: RunWrangler = (args, { quiet = false, outputFile }) => {
  const { BRIDGE_API_KEY: _, ...env } = process.env; // wrangler would use it instead of the secrets file
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/wrangler/bin/wrangler.js"), ...args],
    {
      cwd: ROOT,
      encoding: "utf8",
      stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
      env: {
        ...env,
        WRANGLER_SEND_METRICS: "false",
        // For the banner it would query the registry for the newest version.
        WRANGLER_HIDE_BANNER: "true",
        ...(outputFile === undefined ? {} : { WRANGLER_OUTPUT_FILE_PATH: outputFile }),
      },
    },
  );
  return { exitCode: status ?? 1, output: `${stdout ?? ""}${stderr ?? ""}` };
};

process.exitCode = main();

function main(): 0 | 1 | 2 {
  const flags = readFlags();
  if (flags === null) return 2;
  if (flags["dry-run"]) return dryRun();
  // In Cloudflare's own build, started by the "Deploy to Cloudflare" button, Cloudflare has already asked for the key.
  if (process.env.WORKERS_CI === "1") return wrangler(["deploy"], {}).exitCode === 0 ? 0 : 1;
  try {
    const paths = photonPaths(process.env);
    say(deployBridge({ env: process.env, paths, wrangler, isNewKeyWanted: flags["new-key"] }));
    return 0;
  } catch (error) {
    if (!(error instanceof DeployFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        "dry-run": { type: "boolean", default: false },
        "new-key": { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
    return null;
  }
}

/** Bundles and checks the Worker without deploying it. Needs no login and no network. */
function dryRun(): 0 | 1 {
  const folder = mkdtempSync(join(tmpdir(), "photon-deploy-"));
  try {
    return wrangler(["deploy", "--dry-run", "--outdir", folder], {}).exitCode === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function say({ url, key, keyFile }: Deployed): void {
  const address = url ?? "<the address wrangler printed above>";
  const setup = `bin/photon setup --url ${address}`;
  const lines = [
    "",
    `Your bridge is at ${address}`,
    ...(key.isNew ? [`Its new key is in ${keyFile}. Only you can read the file.`] : []),
    "",
    "Next, in a terminal on your first machine:",
    key.place === "key file" ? `  ${setup} --key-file "${keyFile}"` : `  ${setup}`,
    "It makes the first machine. `photon invite` there prints a line for each other one.",
    "",
  ];
  process.stdout.write(lines.join("\n"));
}
