import { type Command, Option } from "commander";
import { recordOf, writePrivateJson } from "../../client/disk/private-file.ts";
import { readSettingsFile } from "../../client/settings/settings-file.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { hasMachineList } from "../../client/text/tellable-mail.ts";
import { type Noted, WAKES_A_DAY, WakeLedger } from "../../client/wake/wake-ledger.ts";
import { CANNOT_VERIFY_SENDERS, withoutModsLine } from "../../client/wake/wake-line.ts";
import {
  formatQuietHours,
  isQuiet,
  loadWakeSettings,
  parseQuietHours,
  WAKE_POLICIES,
  WATCHED_MODES,
  type WakeFile,
  type WakePolicy,
  type WakeSettings,
} from "../../client/wake/wake-settings.ts";
import type { Answer } from "../../screens/answer.ts";
import { CommandFailed, UsageError } from "../../screens/failure.ts";
import type { CliContext, Run } from "../context.ts";
import { requirePerson } from "../terminal/person-only.ts";

interface WakeOptions {
  readonly autoMode?: boolean;
  readonly project?: true;
  readonly quiet?: string;
}

export function addWake(program: Command, run: Run): void {
  program
    .command("wake")
    .summary("choose whether mail may wake an idle session")
    .description(
      "Shows or sets which mail may wake an idle session of this machine, that is, start a turn in it: off (the default), tasks, or all. At most one wake in two minutes and 30 a day, and none in quiet hours. Only sessions in the permission modes default, acceptEdits and plan are woken, and those in auto mode if you allow it with --auto-mode; never those in bypassPermissions or dontAsk.",
    )
    .argument("[policy]", "off, tasks or all")
    .option("-p, --project", "set it only for the project of this folder")
    .option("--auto-mode", "also wake sessions in auto mode, where Claude Code decides what a tool may do, not you")
    .option("--no-auto-mode", "wake no session in auto mode (the default)")
    .addOption(
      new Option("--quiet <hours>", "quiet hours, when nothing is woken, for example 22:00-08:00; none clears them"),
    )
    .addHelpText(
      "after",
      `
Examples:
  photon wake                      show the setting here, and how often sessions were woken today
  photon wake tasks                let tasks wake sessions on this machine
  photon wake all --project        let any message wake sessions in this project
  photon wake tasks --auto-mode    also in auto mode, the mode in which Claude Code starts
  photon wake --quiet 22:00-08:00

A woken session learns who sent which kind of message and how to read it, not what the message says. Only a message that a
joined machine has signed can wake a session, and only on a machine that has joined. Only this command and PHOTON_WAKE
change the setting; no message can. A client whose mods are switched off wakes no session.`,
    )
    .action((policy: string | undefined, options: WakeOptions) => run((context) => wake(context, policy, options)));
}

async function wake(
  context: CliContext,
  policy: string | undefined,
  { autoMode, project, quiet }: WakeOptions,
): Promise<Answer> {
  if (policy === undefined && quiet === undefined && autoMode === undefined) return wakeStatus(context);
  if (autoMode === true) requirePerson(context.env, "photon wake --auto-mode");
  const { value: file, problem } = readSettingsFile(context.paths.config);
  if (problem !== null) throw new CommandFailed("refused", `Nothing was changed: ${problem} Correct it first.`);
  const change = { ...policyChange(policy), ...(autoMode === undefined ? {} : { wakeInAutoMode: autoMode }) };
  const placed = project === true ? inProject(context, file, change) : change;
  const changed = { ...file, ...placed, ...quietChange(quiet) };
  writePrivateJson(context.paths.config, changed);
  return wakeStatus(context);
}

function policyChange(policy: string | undefined): { wake?: WakePolicy } {
  if (policy === undefined) return {};
  const wanted: WakePolicy | undefined = WAKE_POLICIES.find((known) => known === policy);
  if (wanted === undefined) throw new UsageError(`The policy must be one of ${WAKE_POLICIES.join(", ")}.`);
  return { wake: wanted };
}

/** Places a change in the part of the file that holds only for the folder's project. */
function inProject({ config }: CliContext, file: WakeFile, change: Readonly<Record<string, unknown>>): WakeFile {
  if (config.project === null) throw new UsageError("--project needs a project, but this folder belongs to none.");
  const name = config.project.toLowerCase();
  const all = Object.entries(recordOf(file.projects) ?? {});
  const own = recordOf(all.find(([each]) => each.toLowerCase() === name)?.[1]);
  const others = all.filter(([each]) => each.toLowerCase() !== name);
  return { projects: { ...Object.fromEntries(others), [name]: { ...own, ...change } } };
}

function quietChange(quiet: string | undefined): Partial<WakeFile> {
  if (quiet === undefined) return {};
  if (quiet === "none") return { quietHours: "" };
  if (parseQuietHours(quiet) === null)
    throw new UsageError("Quiet hours must have the form 22:00-08:00, or be none to clear them.");
  return { quietHours: quiet };
}

function wakeStatus({ config, env, paths }: CliContext): Answer {
  const now = Date.now();
  const { policy, quiet, source, isAutoModeAllowed, problems } = loadWakeSettings({
    env,
    paths,
    project: config.project,
  });
  const ledger = new WakeLedger(paths, "wakes");
  const { inDay, last } = ledger.read();
  const held = ledger.held();
  const mayHappen = policy === "off" || hasMachineList(paths, config.workerUrl);
  const where = config.project === null ? "here" : `in project ${config.project}`;
  const isQuietNow = isQuiet(quiet, now);
  const withoutMods = policy === "off" ? null : withoutModsLine(paths);
  const noted = ({ at, what }: Noted) => `${formatAgo(at, now)}, ${cleanLine(what, 300)}`;
  return {
    text: [
      `Mail that may wake an idle session ${where}: ${policy}, ${SET_BY[source]}.`,
      ...(mayHappen ? [] : [`But ${CANNOT_VERIFY_SENDERS}`]),
      `Permission modes in which a session is woken: ${[...WATCHED_MODES, ...(isAutoModeAllowed ? ["auto"] : [])].join(", ")}. Photon knows a session's mode from its first prompt on.`,
      ...(isAutoModeAllowed || policy === "off" ? [] : [NOT_IN_AUTO_MODE]),
      ...(withoutMods === null ? [] : [withoutMods]),
      ...(quiet === null ? [] : [`Quiet hours: ${formatQuietHours(quiet)}${isQuietNow ? ", now" : ""}.`]),
      `Wakes on this machine: ${inDay} of at most ${WAKES_A_DAY} in 24 hours${last === null ? "" : `; the last ${noted(last)}`}.`,
      ...(held === null ? [] : [`Last wake held back: ${noted(held)}.`]),
    ].join("\n"),
    json: {
      policy,
      source,
      ...(mayHappen ? {} : { reason: CANNOT_VERIFY_SENDERS }),
      autoMode: isAutoModeAllowed,
      quietHours: quiet === null ? null : formatQuietHours(quiet),
      isQuietNow,
      inDay,
      last: last && { ...last, at: new Date(last.at).toISOString() },
      held: held && { ...held, at: new Date(held.at).toISOString() },
      problems,
    },
    warnings: problems,
  };
}

const NOT_IN_AUTO_MODE =
  "Sessions in auto mode, the mode in which a new client starts, are not woken: `photon wake --auto-mode` allows it.";

const SET_BY: Readonly<Record<WakeSettings["source"], string>> = {
  PHOTON_WAKE: "set by PHOTON_WAKE, which overrides the settings file",
  project: "set for this project",
  machine: "set for this machine",
  default: "by default",
};
