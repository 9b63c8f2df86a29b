import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build } from "tsup";
import { inject, vi } from "vitest";
import configs from "../../../tsup.config.ts";

/** The Node versions to test under: the toolchain's own, and every other one on PATH (users have 20 and later). */
export function nodeVersions(): { version: string; node: string }[] {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  const found = new Map<string, string>();
  for (const node of [process.execPath, ...onPath.filter(existsSync)]) {
    // `node_modules/.bin/node` is a shell script that starts the toolchain's Node: a detour for signals.
    if (node.includes("node_modules") && node !== process.execPath) continue;
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    if (!found.has(version)) found.set(version, node);
  }
  return [...found].map(([version, node]) => ({ version, node }));
}

/** The hooks as users get them, in a plugin folder of their own with a space in its name. */
export interface BuiltHooks {
  /** A hook's file: `path("session-start")`. */
  path(name: string): string;
  remove(): void;
}

/** Where the build of this run has what a source file makes. */
const BUILT: Readonly<Record<string, string>> = {
  "hooks/session-start.ts": "hooks/session-start.cjs",
  "hooks/stop.ts": "hooks/stop.cjs",
  "hooks/session-end.ts": "hooks/session-end.cjs",
  "hooks/keep-draft.ts": "hooks/keep-draft.cjs",
  "hooks/ask-bridge.ts": "hooks/ask-bridge.cjs",
  "hooks/read-session.ts": "hooks/read-session.cjs",
  "hooks/read-commands.ts": "hooks/read-commands.cjs",
  "cli/statusline/main.ts": "statusline.cjs",
};

/**
 * Builds hooks with the repository's own options. A script that only records its run replaces the CLI.
 *
 * @param entries - each hook's name and source file; one that users do not get is built here
 */
export async function buildHooks(entries: Record<string, string>): Promise<BuiltHooks> {
  const folder = mkdtempSync(join(tmpdir(), "photon hooks "));
  const dist = join(folder, "dist");
  // The others load these.
  const parts = ["keep-draft", "read-session", "read-commands", "ask-bridge"];
  const all = { ...entries, ...Object.fromEntries(parts.map((name) => [name, `hooks/${name}.ts`])) };
  for (const [name, source] of Object.entries(all)) {
    const built = BUILT[source];
    if (built === undefined) await buildHook(name, source, dist);
    else cpSync(join(inject("programs"), "dist", built), join(dist, "hooks", `${name}.cjs`));
  }
  writeFileSync(join(dist, "photon.mjs"), STAND_IN_CLI);
  return {
    path: (name) => join(dist, "hooks", `${name}.cjs`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function buildHook(name: string, source: string, outDir: string): Promise<void> {
  const hookConfig = [configs].flat().find((config) => typeof config === "object" && config.format?.includes("cjs"));
  if (typeof hookConfig !== "object") throw new Error("tsup.config.ts builds no CommonJS bundles");
  await build({ ...hookConfig, config: false, silent: true, entry: { [`hooks/${name}`]: source }, outDir });
}

/**
 * Stands in for the CLI that a hook starts. It works in the PHOTON_HOME it is given, so that tests do not see each
 * other's, and waits for a gate that is opened after the hook has ended: what it then writes proves that it outlived it.
 */
const STAND_IN_CLI = `
import { existsSync, renameSync, writeFileSync } from "node:fs";
const home = process.env.PHOTON_HOME;
writeFileSync(home + "/flush.started", "");
while (existsSync(home) && !existsSync(home + "/flush.gate")) await new Promise((resolve) => setTimeout(resolve, 20));
writeFileSync(home + "/flush.new", process.argv.slice(2).join(" ") + (process.env.BRIDGE_API_KEY ? " with the key" : ""));
renameSync(home + "/flush.new", home + "/flush.log");
`;

/** Lets the flush that a hook started continue, and returns what it wrote. Fails if no flush was started. */
export async function flushed(home: string): Promise<string> {
  writeFileSync(join(home, "flush.gate"), "");
  return vi.waitFor(() => readFileSync(join(home, "flush.log"), "utf8"), { timeout: 5_000 });
}

/** Whether a hook that has ended has started a flush. Waits long enough for one to show. */
export async function hasStartedFlush(home: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return existsSync(join(home, "flush.started"));
}

export interface HookRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The hook's parsed output; null if it printed nothing. */
  readonly output: unknown;
}

interface RunOptions {
  readonly node?: string | undefined;
  readonly env: Record<string, string>;
  readonly cwd?: string;
  /** An event, or a text as it is; null leaves stdin open and silent, undefined gives none. */
  readonly stdin?: object | string | null | undefined;
  /** Closes the reading ends of the hook's stdout and stderr before it prints. */
  readonly isUnread?: boolean;
  /** Called with the running process, to send it a signal. */
  readonly during?: (kill: (signal: NodeJS.Signals) => void) => Promise<void>;
}

/**
 * Runs a hook as the client does: a process with its own environment and the event on stdin. Afterwards the rest of its
 * process group is killed, as when a terminal is closed.
 */
export async function runBuiltHook(path: string, options: RunOptions): Promise<HookRun> {
  const { node = process.execPath, env, cwd = tmpdir(), stdin, isUnread = false, during } = options;
  const child = spawn(node, [path], {
    cwd,
    detached: true, // a group of its own, to be killed below
    env: { PATH: process.env.PATH ?? "", TMPDIR: tmpdir(), LANG: "C.UTF-8", ...env },
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  if (isUnread) {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
  child.stdin?.on("error", () => {}); // it may end without reading all
  if (stdin !== undefined && stdin !== null) {
    child.stdin?.end(typeof stdin === "string" ? stdin : JSON.stringify(stdin));
  }
  const closed = once(child, "close");
  await during?.((signal) => child.kill(signal));
  await closed;
  killGroup(child.pid);
  return {
    code: child.exitCode,
    signal: child.signalCode,
    stdout,
    stderr,
    output: stdout === "" ? null : JSON.parse(stdout),
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === "win32") return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the group has already ended
  }
}
