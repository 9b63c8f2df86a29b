import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { LiveConnection } from "../../client/bridge/live-connection.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { listeningSessions } from "../../client/sessions/session-state.ts";
import { isSetUp, type ReadyConfig } from "../../client/settings/config.ts";
import { withoutModsLine } from "../../client/wake/wake-line.ts";
import { connectionText } from "../../screens/connection-text.ts";
import type { CliContext } from "../context.ts";
import { type Check, ok, warn } from "./checks.ts";

/** A socket opens within milliseconds; a proxy may refuse it slowly. */
const OPEN_WITHIN_MS = 5_000;
const STEP_MS = 25;

const SOCKET_ADVICE = "a proxy or firewall blocks WebSockets: allow them for the bridge's address";

const LATER_ADVICE = "see bridge: once it answers, they hear of mail instantly again";

const KEY_ADVICE = "run `photon join` with a line from `photon invite`: open sessions then retry immediately";

/** How this machine learns of new mail: whether a socket opens, and what the open sessions do. Asks the bridge. */
export async function connectionChecks({ config, paths }: CliContext): Promise<Check[]> {
  return [
    ...(isSetUp(config) ? await socketCheck(config) : []),
    ...sessionsCheck(paths, config.workerUrl, true),
    ...modsCheck(paths),
  ];
}

/** Returns nothing if the bridge does not answer plain requests either: another check reports that. */
async function socketCheck(config: ReadyConfig): Promise<Check[]> {
  const start = performance.now();
  if (await opens(config)) return [ok("socket", `opened in ${Math.round(performance.now() - start)} ms`)];
  if (!(await answers(config))) return [];
  return [
    warn("socket", "cannot be opened: sessions poll every 30 seconds instead of hearing instantly", SOCKET_ADVICE),
  ];
}

async function opens(config: ReadyConfig): Promise<boolean> {
  let hasFailed = false;
  const connection = new LiveConnection({
    config,
    onChanged: async () => {},
    onFailure: () => {
      hasFailed = true;
    },
  });
  connection.start();
  try {
    for (const end = performance.now() + OPEN_WITHIN_MS; performance.now() < end; await sleep(STEP_MS)) {
      if (connection.isOpen || hasFailed) return connection.isOpen;
    }
    return false;
  } finally {
    connection.stop();
  }
}

/** Whether plain requests with this key work. */
async function answers(config: ReadyConfig): Promise<boolean> {
  const api = new ApiClient(config);
  try {
    await api.call("unread", { query: { reader: config.machine } });
    return true;
  } catch (error) {
    if (error instanceof PhotonError) return false;
    throw error;
  } finally {
    await api.close().catch(() => undefined);
  }
}

/** What the open sessions say of their sockets. Asks nobody. @param isReachable - whether the bridge answers now */
export function sessionsCheck(paths: Paths, workerUrl: string | null, isReachable: boolean): Check[] {
  const sessions = listeningSessions(paths).filter((session) => session.workerUrl === workerUrl);
  if (sessions.length === 0) return [];
  const found = connectionText(sessions, Date.now(), isReachable);
  if (sessions.some(({ how }) => how === "refused")) return [warn("sessions", found, KEY_ADVICE)];
  const isPolling = sessions.some(({ how }) => how === "polling");
  return [isPolling ? warn("sessions", found, isReachable ? SOCKET_ADVICE : LATER_ADVICE) : ok("sessions", found)];
}

function modsCheck(paths: Paths): Check[] {
  const line = withoutModsLine(paths);
  return line === null
    ? []
    : [warn("mods", line, "update Claude Code, or remove disableAllHooks or allowManagedModsOnly")];
}
