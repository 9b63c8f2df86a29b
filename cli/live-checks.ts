import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../client/api-client.ts";
import { cleanLine } from "../client/clean-text.ts";
import { isSetUp, type ReadyConfig } from "../client/config.ts";
import { isRunning } from "../client/is-running.ts";
import { LiveConnection } from "../client/live/live-connection.ts";
import { readLiveState } from "../client/live/live-state.ts";
import { openReaderNames } from "../client/open-readers.ts";
import type { Paths } from "../client/paths.ts";
import { PhotonError } from "../client/photon-error.ts";
import { readUnread } from "../client/unread-cache.ts";
import { wakeLine } from "../client/wake/wake-line.ts";
import { loadWakeSettings } from "../client/wake/wake-settings.ts";
import { formatAddress } from "../contract/address.ts";
import { type Check, fail, ok, warn } from "./checks.ts";
import type { CliContext } from "./context.ts";

/** A line is told within milliseconds; a leader that asks does so every half minute. */
const PUSH_WITHIN_MS = 5_000;
const LEADER_WITHIN_MS = { live: 5_000, polling: 40_000 };
const STEP_MS = 50;

/** It is deleted at the end; when that fails too, it goes by itself. */
const EXPIRES_SECONDS = 120;

/** Sends this machine a message of its own, looks who hears of it, rung by rung, and deletes it. */
export async function liveChecks(context: CliContext): Promise<Check[]> {
  const { config, paths } = context;
  if (!isSetUp(config)) return [fail("live", "not tried: this machine is not set up", "run `photon setup`")];
  const api = new ApiClient(config);
  try {
    const line = (await api.call("health")).live === true ? openLine(config) : null;
    if (line) await within(PUSH_WITHIN_MS, () => line.heard > 0); // it tells at once what it may have missed
    const sentAt = performance.now();
    const { id } = await api.call("sendMessage", {
      body: {
        ...{ content: "A test of `photon doctor --live`, deleted at once.", from: formatAddress(config) },
        ...{ to: formatAddress(config), project: config.project, expiresInSeconds: EXPIRES_SECONDS },
      },
    });
    try {
      return [await pushCheck(line, sentAt), await sessionCheck(paths, config, id, sentAt), ...restingChecks(context)];
    } finally {
      line?.stop();
      await api.call("deleteMessage", { id });
    }
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return [fail("live", cleanLine(error.message, 300), "`photon doctor` says what is wrong with the bridge")];
  } finally {
    await api.close().catch(() => undefined);
  }
}

interface Line {
  readonly heard: number;
  stop(): void;
}

function openLine(config: ReadyConfig): Line {
  const line = { heard: 0, stop: () => connection.stop() };
  const connection = new LiveConnection({
    config,
    installation: null,
    onChanged: async () => {
      line.heard++;
    },
    onState: () => {},
  });
  connection.start();
  return line;
}

async function pushCheck(line: Line | null, sentAt: number): Promise<Check> {
  if (line === null) {
    const found = "the bridge keeps messages in KV and tells nobody by itself; sessions ask every 30 seconds";
    return warn("push", found, "for news at once: `npm run deploy -- --live`, then `photon migrate`");
  }
  if (line.heard > 0 && (await within(PUSH_WITHIN_MS, () => line.heard > 1)))
    return ok("push", `told after ${since(sentAt)}`);
  return fail(
    "push",
    "the bridge has a line, and nothing came over it",
    "is there a proxy that does not let WebSockets through?",
  );
}

/** The summary on the disk is what a prompt, the mod, a wake and the status line tell from. */
async function sessionCheck(paths: Paths, config: ReadyConfig, id: string, sentAt: number): Promise<Check> {
  const reader = formatAddress(config);
  const name = "sessions here";
  const state = readLiveState(paths);
  if (state === null || !isRunning(state.pid) || !openReaderNames(paths, Date.now()).includes(reader)) {
    return warn(name, `none is open in this project (${reader})`, "open Claude Code here, and try again");
  }
  const knows = () =>
    readUnread(paths, reader)?.summary.groups.some(
      ({ latest, recent = [] }) => latest.id === id || recent.includes(id),
    ) ?? false;
  const how = state.how === "live" ? "over its line" : "by asking every half minute";
  return (await within(LEADER_WITHIN_MS[state.how], knows))
    ? ok(name, `know of it after ${since(sentAt)}, ${how}; the next prompt tells Claude`)
    : fail(name, "do not know of it", "end and start Claude Code; `claude --debug` shows what Photon's server says");
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
      : ok("wake", wakeLine({ env, paths, project, now: Date.now() })?.replace(/^Wakes: /, "") ?? policy),
    ok(
      "channel",
      "heard by sessions that were started with it, where the account has channels; that cannot be seen from here",
    ),
    ok(
      "desktop",
      notify === "off" ? "off; PHOTON_NOTIFY=tasks or all shows new mail there" : `${notify}, through the client`,
    ),
    ok("status line", "`photon statusline` in your own, from the same summary"),
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
