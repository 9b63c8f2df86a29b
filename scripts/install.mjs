// Installs the toolchain when it is missing or older than the lockfile. Runs on the machine's own Node (20 or newer),
// before anything is installed, so it may use nothing but Node itself and npm.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The one place that pins pnpm. It is not in package.json: with a `packageManager` field its frozen installs fail. */
const PNPM = "pnpm@12.21.0";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The real Claude Code client (370 MB) is installed only for the commands that drive it. */
const withClient = process.argv.includes("--with-client");
const stamp = `${root}node_modules/.photon-installed`;

/** What the installed tree was made from; a changed lockfile changes it. */
const wanted = createHash("sha256")
  .update(readFileSync(`${root}pnpm-lock.yaml`))
  .digest("hex");

function isInstalled() {
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) return false;
  return !withClient || existsSync(`${root}test/e2e/node_modules/@anthropic-ai/claude-code`);
}

if (!isInstalled()) {
  process.stderr.write("Installing the toolchain (once; about a minute) …\n");
  const filter = withClient ? [] : ["--filter", "photon"];
  const command = ["--yes", PNPM, "install", "--frozen-lockfile", "--loglevel=error", ...filter];
  // npx is a .cmd file on Windows, which Node starts only through a shell; every argument here is a constant of this file.
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
  writeFileSync(stamp, wanted);
}
