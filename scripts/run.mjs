// node scripts/run.mjs [--with-client] <program> [arguments]: installs what is missing, then runs a tool of the toolchain
// (vitest, tsc, …) or a script of this repository on the toolchain's Node. Every `npm run` goes through it. It runs on the
// machine's own Node (20 or newer), before anything is installed, so it may use nothing but Node itself.
//
// Not `node scripts/install.mjs && vitest run`: a shell remembers which `node` it found first, and would run the second
// command on the machine's Node instead of the one that was just installed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = join(ROOT, "node_modules");

/** The package that brings a program, where it has another name. */
const PACKAGE_OF = { tsc: "typescript", biome: "@biomejs/biome" };

const [first, ...rest] = process.argv.slice(2);
const withClient = first === "--with-client";
const [program, ...args] = withClient ? rest : process.argv.slice(2);
if (program === undefined) fail("Usage: node scripts/run.mjs [--with-client] <program> [arguments]", 2);

const installed = spawnSync(
  process.execPath,
  [join(ROOT, "scripts", "install.mjs"), ...(withClient ? ["--with-client"] : [])],
  { stdio: "inherit" },
);
if (installed.status !== 0) fail("", installed.status ?? 1);

// As npm sets it, so that a task can be started without npm, too.
process.env.PATH = [join(PACKAGES, ".bin"), process.env.PATH ?? ""].join(delimiter);
const child = spawn(toolchainNode(), [fileOf(program), ...args], { cwd: ROOT, stdio: "inherit" });

// The task ends in its own way, and then this process. In a terminal it hears Ctrl-C itself.
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
child.on("error", (error) => fail(`${program} did not start: ${error.message}`, 1));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

/** Cloudflare's build installs by itself and may lack this package; its own Node runs TypeScript as well. */
function toolchainNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const file = join(PACKAGES, "node", "bin", name);
  return existsSync(file) ? file : process.execPath;
}

/** The JavaScript file of a program: no shell and no shim, which would read the arguments once more. */
function fileOf(name) {
  if (/\.(ts|mjs)$/.test(name)) return join(ROOT, name);
  const folder = join(PACKAGES, PACKAGE_OF[name] ?? name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, bin[name]);
}

function fail(sentence, exitCode) {
  if (sentence !== "") process.stderr.write(`${sentence}\n`);
  process.exit(exitCode);
}
