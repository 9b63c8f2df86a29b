import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { errorCode } from "../../client/disk/disk-error.ts";
import { dataFolders, type Paths } from "../../client/disk/paths.ts";
import { damagedFiles, readJson } from "../../client/disk/private-file.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { gitTrouble } from "../../client/git/git-trouble.ts";
import { inertGit } from "../../client/git/inert-git.ts";
import { nameClash } from "../../client/machines/name-clash.ts";
import { destinationOf, heldMessages, notHeld } from "../../client/mail/destination.ts";
import { readFailed } from "../../client/mail/outbox-folder.ts";
import { proxyFor } from "../../client/network/proxy.ts";
import { type Config, isSetUp, type ReadyConfig } from "../../client/settings/config.ts";
import { defaultNameSource } from "../../client/settings/identity.ts";
import type { SettingName, Source } from "../../client/settings/settings.ts";
import { readSettingsFile } from "../../client/settings/settings-file.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { formatAge } from "../../client/text/format-age.ts";
import { versionName } from "../../client/text/names.ts";
import { oldNodeSentence } from "../../client/text/old-node.ts";
import { formatAddress } from "../../contract/address.ts";
import manifest from "../../package.json" with { type: "json" };
import { isReadableOnTheWay, plainHttpWarning } from "../machines/settings.ts";
import { adviceFor } from "./network-advice.ts";

/** The result of one check. */
export interface Check {
  readonly name: string;
  /** `fail`: Photon does not work until this is fixed. `warn`: it works, but worse than it could. */
  readonly state: "ok" | "warn" | "fail";
  readonly found: string;
  /** What to do; absent if the state is `ok`. */
  readonly advice?: string;
}

/** A clock that is further off makes ages and expiry times noticeably wrong. */
const MAX_SKEW_MS = 60_000;

/** A message that is in the outbox for longer is not just waiting for the next attempt. */
const MAX_OUTBOX_AGE_MS = 60 * 60 * 1000;

/** Checks this machine. The only change it makes is to create a missing data folder. */
export function localChecks(config: Config, paths: Paths, folder: string): Check[] {
  return [
    nodeCheck(process.versions.node),
    gitCheck(folder),
    ...settingChecks(config),
    ...config.problems.map(({ sentence }) =>
      fail("setting", sentence, "correct it where it is set, or run `photon setup`"),
    ),
    ...settingsFileCheck(config, paths),
    ...unreadableCheck(paths),
    folderCheck(paths),
    ...outboxChecks(config, paths),
    ...damageCheck(paths),
    ...nameCheck(config, paths),
  ];
}

/** @param version - like 24.21.0 */
export function nodeCheck(version: string): Check {
  const sentence = oldNodeSentence(version);
  return sentence === null
    ? ok("node", version)
    : fail("node", `Photon ${sentence.replace(/: https.*$/, "")}`, "install a newer Node: https://nodejs.org");
}

function gitCheck(folder: string): Check {
  const version = inertGit(homeFolder(), ["--version"])
    ?.trim()
    .replace(/^git version /, "");
  const trouble = gitTrouble(folder);
  if (version !== undefined && trouble !== null) {
    return warn("git", `${version}. ${trouble.sentence} Handovers from here contain less`, trouble.advice);
  }
  return version === undefined
    ? warn(
        "git",
        "not found",
        "install git: without it, projects are named after their folder and handovers contain less",
      )
    : ok("git", version);
}

function settingChecks({ workerUrl, apiKey, machine, project, handover, capsule, sources, problems }: Config): Check[] {
  const from = (source: Source) => `from the ${source}`;
  const setUp =
    "run `photon join <line>`, with a line that `photon invite` prints; on the first machine, `photon setup`";
  /** A replacement for an invalid value must not be reported as ok. The problem itself has its own line. */
  const unlessProblem = (setting: SettingName, { name, found }: Check) =>
    problems.some(({ code }) => code === setting)
      ? fail(name, `the value is invalid; until it is corrected ${found.split(", from")[0]} is used`, "see below")
      : ok(name, found);
  const notSet = problems.some(({ code }) => code === "file") ? "not known, see below" : "not set";
  return [
    workerUrl === null
      ? fail("address", sources.workerUrl === "default" ? notSet : "cannot be used, see below", setUp)
      : ok("address", `${workerUrl}, ${from(sources.workerUrl)}`),
    ...(workerUrl !== null && isReadableOnTheWay(workerUrl)
      ? [warn("encryption", plainHttpWarning(workerUrl), "use an https:// address")]
      : []),
    apiKey === null
      ? fail("key", sources.apiKey === "default" ? notSet : "cannot be used, see below", setUp)
      : ok("key", `set, ${apiKey.length} characters, ${from(sources.apiKey)}`),
    unlessProblem(
      "machine",
      ok(
        "machine",
        `${machine}, ${sources.machine === "default" ? defaultNameSource(machine) : from(sources.machine)}`,
      ),
    ),
    unlessProblem(
      "project",
      ok(
        "project",
        `${project ?? "none"}, ${sources.project === "default" ? "from the folder" : from(sources.project)}`,
      ),
    ),
    unlessProblem(
      "handover",
      ok("handover", `${handover}, ${sources.handover === "default" ? "by default" : from(sources.handover)}`),
    ),
    unlessProblem(
      "capsule",
      ok("capsule", `${capsule}, ${sources.capsule === "default" ? "by default" : from(sources.capsule)}`),
    ),
  ];
}

/** A settings file that cannot be used, while everything that Photon needs is set elsewhere. */
function settingsFileCheck({ problems }: Config, paths: Paths): Check[] {
  const { problem } = readSettingsFile(paths.config);
  if (problem === null || problems.some(({ code }) => code === "file")) return [];
  return [warn("settings file", problem, "correct it: what else it sets is ignored, and handovers are not sent")];
}

/** Files that exist, but that this user may not read, for example because another user ran `photon setup`. */
function unreadableCheck({ keys, trust, machineList, cache, installation }: Paths): Check[] {
  const unreadable = [keys, trust, machineList, cache, installation].flatMap((file) => {
    const read = readJson(file);
    return read.state === "unreadable" ? [`${file} (${read.code})`] : [];
  });
  return unreadable.length === 0
    ? []
    : [fail("files", `cannot be read: ${unreadable.join(", ")}`, "give them to the user who runs Photon")];
}

function folderCheck({ outbox }: Paths): Check {
  const folder = dirname(outbox);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return ok("data folder", folder);
  } catch (error) {
    const code = errorCode(error) ?? "unknown error";
    return fail("data folder", `${folder} is not writable (${code})`, "make it writable: Photon keeps messages there");
  }
}

function outboxChecks(config: Config, paths: Paths): Check[] {
  const here = destinationOf(config, paths);
  const waiting = notHeld(paths, here);
  const [oldest] = waiting;
  const ageMs = oldest === undefined ? 0 : Date.now() - oldest.queuedAt;
  const failed = readFailed(paths);
  const last = failed.at(-1);
  const found = oldest === undefined ? "empty" : `${waiting.length} not sent yet, the oldest for ${formatAge(ageMs)}`;
  return [
    ageMs > MAX_OUTBOX_AGE_MS
      ? warn("outbox", found, "`photon flush` retries and shows the reason")
      : ok("outbox", found),
    ...heldMessages(paths, here).map((sentence) =>
      warn("held messages", sentence, "`photon failed` lists them, and sends or drops them"),
    ),
    ...(last === undefined
      ? []
      : [
          warn(
            "refused messages",
            `${failed.length}; the reason for the last one: ${cleanLine(last.reason, 200)}`,
            "run `photon failed`, then `photon failed retry` or `photon failed drop`",
          ),
        ]),
  ];
}

function damageCheck(paths: Paths): Check[] {
  const damaged = damagedFiles(dataFolders(paths));
  return damaged.length === 0
    ? []
    : [
        warn(
          "damaged files",
          `${damaged.length}, set aside as ${damaged.join(", ")}`,
          "look at them, then delete them",
        ),
      ];
}

/** Uses the bridge's last answer, to avoid another request. */
function nameCheck({ machine }: Config, paths: Paths): Check[] {
  const clash = nameClash(paths, machine);
  return clash === null ? [] : [warn("name", clash, "give one of them another name")];
}

/** Asks the bridge. Does not send the outbox: the doctor changes nothing. */
export async function bridgeChecks(config: Config): Promise<Check[]> {
  if (config.workerUrl === null) return [fail("bridge", "not checked: its address is not set", "see address")];
  return [...proxyCheck(config.workerUrl), ...(await answerChecks({ ...config, workerUrl: config.workerUrl }))];
}

/** Says which proxy every request uses. A proxy that does not work is reported with the bridge. */
function proxyCheck(workerUrl: string): Check[] {
  try {
    const proxy = proxyFor(new URL(workerUrl));
    return proxy === null ? [] : [ok("proxy", proxy.label)];
  } catch {
    return []; // the request fails with the same error
  }
}

async function answerChecks(config: Config & { readonly workerUrl: string }): Promise<Check[]> {
  const api = new ApiClient({ workerUrl: config.workerUrl, apiKey: config.apiKey });
  try {
    const startedAt = Date.now();
    const start = performance.now();
    const { timestamp, version } = await api.call("health");
    const roundTripMs = performance.now() - start;
    const skewMs = Date.parse(timestamp) - (startedAt + roundTripMs / 2);
    return [
      ok("bridge", `answers in ${Math.round(roundTripMs)} ms`),
      versionCheck(version),
      clockCheck(skewMs),
      ...(isSetUp(config) ? [await keyCheck(api, config)] : []),
    ];
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return [fail("bridge", error.message, adviceFor(error, config.workerUrl) ?? "check the address: `photon setup`")];
  } finally {
    await api.close().catch(() => undefined);
  }
}

function versionCheck(version: string | undefined): Check {
  const own = manifest.version;
  if (version === own) return ok("version", `${own}, here and on the bridge`);
  const bridge = version === undefined ? "an older version without a number" : versionName(version);
  return warn(
    "version",
    `${own} here, ${bridge} on the bridge`,
    "update the older one; `npm run deploy` updates the bridge",
  );
}

/** @param skewMs - how far the bridge's clock is ahead of this machine's */
export function clockCheck(skewMs: number): Check {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return ok("clock", `${seconds} s off the bridge's clock`);
  const way = skewMs > 0 ? "behind" : "ahead of";
  return warn("clock", `${seconds} s ${way} the bridge's clock`, "let the system set its clock from the network");
}

async function keyCheck(api: ApiClient, config: ReadyConfig): Promise<Check> {
  try {
    await api.call("unread", { query: { reader: formatAddress(config) } });
    return ok("key accepted", "yes");
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return error.code === "unauthorized"
      ? fail(
          "key accepted",
          `no: ${error.message}`,
          "run `photon join` with a line from `photon invite`, or `photon setup`",
        )
      : fail(
          "mailbox",
          error.message,
          adviceFor(error, config.workerUrl) ?? "try again; if that does not help, look at the bridge's log",
        );
  }
}

export function ok(name: string, found: string): Check {
  return { name, state: "ok", found };
}

export function warn(name: string, found: string, advice: string): Check {
  return { name, state: "warn", found, advice };
}

export function fail(name: string, found: string, advice: string): Check {
  return { name, state: "fail", found, advice };
}
