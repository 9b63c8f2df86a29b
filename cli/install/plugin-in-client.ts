import { spawnSync } from "node:child_process";
import { findOnPath } from "../../client/disk/find-on-path.ts";

/** The name under which the marketplace lists the plugin. */
const PLUGIN = "photon@photon";

/** How long the client may take to add the marketplace or to install, in milliseconds; it takes about one second. */
const CLIENT_MS = 60_000;

/** The client on the PATH; null on Windows too, where it would have to be started through a shell. */
export function clientOnPath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  return platform === "win32" ? null : findOnPath("claude", env, platform);
}

/**
 * The commands that install the plugin, as a person would type them.
 *
 * @param marketplace - null if this program lies in no clone
 */
export function installCommands(marketplace: string | null): string[] {
  const quoted =
    marketplace === null
      ? "<your clone of Photon>"
      : /^[\w@%+,./-]+$/.test(marketplace)
        ? marketplace
        : `"${marketplace.replaceAll(/["$`\\]/g, "\\$&")}"`;
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
