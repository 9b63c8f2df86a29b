import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The name under which the marketplace lists the plugin. */
const PLUGIN = "photon@photon";

/** How long the client may take to add the marketplace or to install, in milliseconds; it takes about one second. */
const CLIENT_MS = 60_000;

/** Whether the client has the plugin, for all projects or for some. */
export function isPluginInstalled(env: NodeJS.ProcessEnv, home: string): boolean {
  const file = join(env.CLAUDE_CONFIG_DIR || join(home, ".claude"), "plugins", "installed_plugins.json");
  try {
    return Object.keys(Object(JSON.parse(readFileSync(file, "utf8")).plugins)).some((name) =>
      name.startsWith("photon@"),
    );
  } catch {
    return false; // no client has installed anything, or in a way that is unknown here
  }
}

/** The client on the PATH; null on Windows too, where it would have to be started through a shell. */
export function clientOnPath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  if (platform === "win32") return null;
  const files = (env.PATH ?? "")
    .split(delimiter)
    .filter((each) => each !== "")
    .map((folder) => join(folder, "claude"));
  return files.find((file) => existsSync(file)) ?? null;
}

/** The commands that install the plugin, as a person would type them. */
export function installCommands(marketplace: string): string[] {
  const quoted = /^[\w@%+,./-]+$/.test(marketplace) ? marketplace : `"${marketplace.replaceAll(/["$`\\]/g, "\\$&")}"`;
  return [`claude plugin marketplace add ${quoted}`, `claude plugin install ${PLUGIN}`];
}

/** @returns what the client said if it failed, and otherwise null */
export function installPlugin(client: string, marketplace: string, env: NodeJS.ProcessEnv): string | null {
  for (const args of [
    ["marketplace", "add", marketplace],
    ["install", PLUGIN],
  ]) {
    const { status, stdout, stderr, error } = spawnSync(client, ["plugin", ...args], {
      encoding: "utf8",
      env,
      timeout: CLIENT_MS,
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (status !== 0) return (error?.message ?? `${stderr}\n${stdout}`).trim();
  }
  return null;
}
