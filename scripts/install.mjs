// Installs the toolchain if it is missing or older than the lockfile. It runs before anything is installed, so it may use
// only the machine's own Node (20 or newer) and npm.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The only place that pins pnpm. With a `packageManager` field in package.json, frozen installs fail. */
const PNPM = "pnpm@12.21.0";
const OLDEST_NODE = 20;

const root = fileURLToPath(new URL("..", import.meta.url));
/** The real Claude Code client (370 MB), Codex CLI (420 MB) and a browser (70 MB) are installed only for the commands that drive them. */
const withClient = process.argv.includes("--with-client");

/** Identifies the lockfile that a tree was installed from. */
const wanted = createHash("sha256")
  .update(readFileSync(`${root}pnpm-lock.yaml`))
  .digest("hex");
const stamps = [
  `${root}node_modules/.photon-installed`,
  ...(withClient ? [`${root}test/e2e/node_modules/.photon-installed`] : []),
];

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  process.stderr.write(`Photon needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
if (!isInstalled()) install();

function isInstalled() {
  // In Cloudflare's own build, started by the "Deploy to Cloudflare" button, everything is already installed.
  if (process.env.WORKERS_CI === "1" && existsSync(`${root}node_modules/wrangler`)) return true;
  return stamps.every((stamp) => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted);
}

function install() {
  const what = withClient ? "the toolchain, the Claude Code client, Codex CLI and a browser" : "the toolchain";
  process.stderr.write(`Installing ${what} (only once; this may take a minute) …\n`);
  const filter = withClient ? [] : ["--filter", "photon"];
  const command = ["--yes", PNPM, "install", "--frozen-lockfile", "--loglevel=error", ...filter];
  // On Windows npx is a .cmd file, which Node starts only through a shell. All arguments are constants of this file.
  const result = spawnSync("npx", command, {
    cwd: root,
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}\n`);
    process.stderr.write(`The install failed: npx ${command.join(" ")}\n`);
    process.exit(1);
  }
  for (const stamp of stamps) writeFileSync(stamp, wanted);
}
