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

/** The bridge signals over a socket within milliseconds; a session without one polls every 30 seconds. */
const PUSH_WITHIN_MS = 5_000;
const SESSIONS_WITHIN_MS = { live: 5_000, polling: 40_000 };
const STEP_MS = 50;

/** The test message is deleted at the end. If that fails, it expires after this time. */
const EXPIRES_SECONDS = 120;

/** Sends a message from this machine to itself, checks which sessions are notified and how soon, and deletes it. */
export async function liveChecks(context: CliContext): Promise<Check[]> {
  const { config, paths } = context;
  if (!isSetUp(config)) return [fail("live", "not tested: this machine is not set up", "run `photon setup`")];
  const api = new ApiClient(config);
  try {
    const socket = openSocket(config);
    try {
      await within(PUSH_WITHIN_MS, () => socket.signals > 0 || socket.hasFailed); // a new socket gets a signal immediately
      const before = sessionsOf(paths, config);
      const sentAt = performance.now();
      const { id } = await api.call("sendMessage", {
        body: {
          content: "A test of `photon doctor --live`, which deletes it right away.",
          from: formatAddress(config),
          to: formatAddress(config),
          project: config.project,
          expiresInSeconds: EXPIRES_SECONDS,
        },
      });
      try {
        return [
          await pushCheck(socket, sentAt),
          await sessionCheck(paths, config, before, sentAt),
          ...notificationChecks(context),
        ];
      } finally {
        await api.call("deleteMessage", { id });
      }
    } finally {
      socket.stop();
    }
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return [fail("live", error.message, "see the lines about the bridge above")];
  } finally {
    await api.close().catch(() => undefined);
  }
}

interface TestSocket {
  /** Signals so far; the bridge sends the first when the socket opens. */
  readonly signals: number;
  readonly hasFailed: boolean;
  stop(): void;
}

function openSocket(config: ReadyConfig): TestSocket {
  const socket = { signals: 0, hasFailed: false, stop: () => connection.stop() };
  const connection = new LiveConnection({
    config,
    onChanged: async () => {
      socket.signals++;
    },
    onFailure: () => {
      socket.hasFailed = true;
    },
  });
  connection.start();
  return socket;
}

async function pushCheck(socket: TestSocket, sentAt: number): Promise<Check> {
  if (socket.signals > 0 && (await within(PUSH_WITHIN_MS, () => socket.signals > 1)))
    return ok("push", `notified after ${since(sentAt)}`);
  return socket.signals > 0
    ? fail("push", "a socket is open, but no signal arrived over it", "look at the bridge's log: `npx wrangler tail`")
    : warn("push", "no socket can be opened; sessions poll every 30 seconds", "see the line `socket`");
}

function sessionsOf(paths: Paths, config: ReadyConfig): ListeningSession[] {
  const reader = formatAddress(config);
  return listeningSessions(paths).filter(
    (session) => session.reader === reader && session.workerUrl === config.workerUrl,
  );
}

/** Reads each session's unread count from its file, which the prompt line, the mod and the status line show too. */
async function sessionCheck(
  paths: Paths,
  config: ReadyConfig,
  before: readonly ListeningSession[],
  sentAt: number,
): Promise<Check> {
  const name = "sessions here";
  if (before.length === 0) {
    const found = `none open in this project (${formatAddress(config)})`;
    return warn(name, found, "open Claude Code here and try again");
  }
  const how = before.some((session) => session.how === "polling") ? "polling" : "live";
  const knowing = () =>
    sessionsOf(paths, config).filter(({ session, unread }) => {
      const known = before.find((each) => each.session === session);
      return known !== undefined && (unread ?? 0) > (known.unread ?? 0);
    }).length;
  const isKnown = await within(SESSIONS_WITHIN_MS[how], () => knowing() >= before.length);
  const way = how === "live" ? "each over its socket" : "by polling every 30 seconds";
  return isKnown
    ? ok(
        name,
        `${knowing()} of ${before.length} notified after ${since(sentAt)}, ${way}; Claude is told at the next prompt`,
      )
    : fail(
        name,
        `${knowing()} of ${before.length} notified`,
        "restart Claude Code; `claude --debug` shows the log of Photon's server",
      );
}

/** What only the client can show, and what the person has configured. */
function notificationChecks({ env, paths, config }: CliContext): Check[] {
  const { project } = config;
  const { policy, notify, problems } = loadWakeSettings({ env, paths, project });
  const unusable = problems.map((problem) =>
    warn("wake", problem, "correct it in the environment or with `photon wake`"),
  );
  return [
    ok("display", "an open session shows new mail under its prompt, if its Claude Code allows mods"),
    ...unusable,
    policy === "off"
      ? ok("wake", "off; `photon wake tasks` lets tasks start a turn in an idle session")
      : ok("wake", wakeLine({ env, paths, config, now: Date.now() })?.replace(/^Wakes: /, "") ?? policy),
    ok("channel", "not visible from here: works in sessions that were started with it, if the account has channels"),
    ok(
      "desktop",
      notify === "off"
        ? "off; PHOTON_NOTIFY=tasks or all shows desktop notifications for new mail"
        : `${notify}, through Claude Code`,
    ),
    ok("status line", "run `photon statusline` in your own status line to show the unread count"),
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
