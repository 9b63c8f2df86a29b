import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { LiveConnection } from "../../client/bridge/live-connection.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { type ListeningSession, listeningSessions } from "../../client/sessions/session-state.ts";
import { isSetUp, type ReadyConfig } from "../../client/settings/config.ts";
import { wakeLine } from "../../client/wake/wake-line.ts";
import { loadWakeSettings } from "../../client/wake/wake-settings.ts";
import { formatAddress } from "../../contract/address.ts";
import type { CliContext } from "../context.ts";
import { type Check, fail, ok, warn } from "./checks.ts";

/** A socket is told within milliseconds; a session without one asks every 30 seconds. */
const PUSH_WITHIN_MS = 5_000;
const SESSIONS_WITHIN_MS = { live: 5_000, polling: 40_000 };
const STEP_MS = 50;

/** It is deleted at the end; when that fails too, it goes by itself. */
const EXPIRES_SECONDS = 120;

/** Sends this machine a message of its own, looks which sessions hear of it and how soon, and deletes it. */
export async function liveChecks(context: CliContext): Promise<Check[]> {
  const { config, paths } = context;
  if (!isSetUp(config)) return [fail("live", "not tried: this machine is not set up", "run `photon setup`")];
  const api = new ApiClient(config);
  try {
    const socket = openSocket(config);
    try {
      await within(PUSH_WITHIN_MS, () => socket.heard > 0 || socket.hasFailed); // the first signal comes at once
      const before = sessionsOf(paths, config);
      const sentAt = performance.now();
      const { id } = await api.call("sendMessage", {
        body: {
          ...{ content: "A test of `photon doctor --live`, deleted at once.", from: formatAddress(config) },
          ...{ to: formatAddress(config), project: config.project, expiresInSeconds: EXPIRES_SECONDS },
        },
      });
      try {
        return [
          await pushCheck(socket, sentAt),
          await sessionCheck(paths, config, before, sentAt),
          ...restingChecks(context),
        ];
      } finally {
        await api.call("deleteMessage", { id });
      }
    } finally {
      socket.stop();
    }
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return [fail("live", error.message, "`photon doctor` says what is wrong with the bridge")];
  } finally {
    await api.close().catch(() => undefined);
  }
}

interface TestSocket {
  /** Signals so far; the first comes when it opens. */
  readonly heard: number;
  readonly hasFailed: boolean;
  stop(): void;
}

function openSocket(config: ReadyConfig): TestSocket {
  const socket = { heard: 0, hasFailed: false, stop: () => connection.stop() };
  const connection = new LiveConnection({
    config,
    onChanged: async () => {
      socket.heard++;
    },
    onFailure: () => {
      socket.hasFailed = true;
    },
  });
  connection.start();
  return socket;
}

async function pushCheck(socket: TestSocket, sentAt: number): Promise<Check> {
  if (socket.heard > 0 && (await within(PUSH_WITHIN_MS, () => socket.heard > 1)))
    return ok("push", `told after ${since(sentAt)}`);
  return socket.heard > 0
    ? fail("push", "a socket is open, and no signal came over it", "look at the bridge's log: `npx wrangler tail`")
    : warn("push", "no socket can be opened; sessions ask every 30 seconds", "see the line `socket`");
}

function sessionsOf(paths: Paths, config: ReadyConfig): ListeningSession[] {
  const reader = formatAddress(config);
  return listeningSessions(paths).filter(
    (session) => session.reader === reader && session.workerUrl === config.workerUrl,
  );
}

/** Each session's file has its number of unread messages: the prompt line, the mod and the status line show the same. */
async function sessionCheck(
  paths: Paths,
  config: ReadyConfig,
  before: readonly ListeningSession[],
  sentAt: number,
): Promise<Check> {
  const name = "sessions here";
  if (before.length === 0) {
    const found = `none is open in this project (${formatAddress(config)})`;
    return warn(name, found, "open Claude Code here, and try again");
  }
  const how = before.some((session) => session.how === "polling") ? "polling" : "live";
  const knowing = () =>
    sessionsOf(paths, config).filter(({ session, unread }) => {
      const known = before.find((each) => each.session === session);
      return known !== undefined && (unread ?? 0) > (known.unread ?? 0);
    }).length;
  const isKnown = await within(SESSIONS_WITHIN_MS[how], () => knowing() >= before.length);
  const way = how === "live" ? "each over its socket" : "by asking every 30 seconds";
  return isKnown
    ? ok(
        name,
        `${knowing()} of ${before.length} know of it after ${since(sentAt)}, ${way}; the next prompt tells Claude`,
      )
    : fail(
        name,
        `${knowing()} of ${before.length} know of it`,
        "end and start Claude Code; `claude --debug` shows what Photon's server says",
      );
}

/** What can only be seen in the client, and what the person decides. */
function restingChecks({ env, paths, config }: CliContext): Check[] {
  const { project } = config;
  const { policy, notify, problems } = loadWakeSettings({ env, paths, project });
  const unusable = problems.map((problem) =>
    warn("wake", problem, "correct it in the environment or with `photon wake`"),
  );
  return [
    ok("entry and toast", "in clients that allow mods: look under the prompt of an open session"),
    ...unusable,
    policy === "off"
      ? ok("wake", "off; `photon wake tasks` lets tasks wake an idle session")
      : ok("wake", wakeLine({ env, paths, config, now: Date.now() })?.replace(/^Wakes: /, "") ?? policy),
    ok(
      "channel",
      "heard by sessions that were started with it, where the account has channels; that cannot be seen from here",
    ),
    ok(
      "desktop",
      notify === "off" ? "off; PHOTON_NOTIFY=tasks or all shows new mail there" : `${notify}, through the client`,
    ),
    ok("status line", "`photon statusline` in your own, from the session's file"),
  ];
}

async function within(ms: number, isDone: () => boolean): Promise<boolean> {
  for (const end = performance.now() + ms; !isDone(); await sleep(STEP_MS)) if (performance.now() > end) return false;
  return true;
}

function since(start: number): string {
  const ms = Math.round(performance.now() - start);
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
