import { type Command, Option } from "commander";
import { readJson, recordOf, writePrivateJson } from "../../client/disk/private-file.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { hasMachineList } from "../../client/text/tellable-mail.ts";
import { type Noted, WAKES_A_DAY, WakeLedger } from "../../client/wake/wake-ledger.ts";
import { NOBODY_VERIFIED } from "../../client/wake/wake-line.ts";
import {
  formatQuietHours,
  isQuiet,
  loadWakeSettings,
  parseQuietHours,
  WAKE_POLICIES,
  type WakeFile,
  type WakePolicy,
  type WakeSettings,
} from "../../client/wake/wake-settings.ts";
import type { CliContext, Run } from "../context.ts";
import type { Answer } from "../terminal/answer.ts";
import { CommandFailed } from "../terminal/command-failed.ts";
import { UsageError } from "../terminal/usage-error.ts";

interface WakeOptions {
  readonly project?: true;
  readonly quiet?: string;
}

export function addWake(program: Command, run: Run): void {
  program
    .command("wake")
    .summary("whether mail may wake an idle session")
    .description(
      "Says or sets whether mail may start a turn in an idle session of this machine: off (at first), tasks, all. At most one in two minutes and 30 a day; none in bypassPermissions or dontAsk mode, none in quiet hours.",
    )
    .argument("[policy]", "off, tasks or all")
    .option("-p, --project", "only for the project of this folder")
    .addOption(new Option("--quiet <hours>", "nobody is woken between these, like 22:00-08:00; none takes them away"))
    .addHelpText(
      "after",
      `
Examples:
  photon wake                      what holds here, and how often it happened today
  photon wake tasks                tasks may wake a session, on this machine
  photon wake all --project        any message may, in this project
  photon wake --quiet 22:00-08:00

A woken session is told who sent what kind of message and how to read it, never what it says. Only a message with the right
signature of a machine that has joined wakes anybody, and only on a machine that has joined itself. Only this command and
PHOTON_WAKE change the setting: no message can.`,
    )
    .action((policy: string | undefined, options: WakeOptions) => run((context) => wake(context, policy, options)));
}

async function wake(context: CliContext, policy: string | undefined, { project, quiet }: WakeOptions): Promise<Answer> {
  if (policy === undefined && quiet === undefined) return told(context);
  const read = readJson(context.paths.config);
  if (read.state === "damaged") {
    throw new CommandFailed(
      "refused",
      `${context.paths.config} is not valid JSON: correct it first. Nothing was changed.`,
    );
  }
  const file = (read.state === "whole" && recordOf(read.value)) || {};
  const changed = { ...file, ...policyChange(context, file, policy, project === true), ...quietChange(quiet) };
  writePrivateJson(context.paths.config, changed);
  return told(context);
}

function policyChange(
  { config }: CliContext,
  file: WakeFile,
  policy: string | undefined,
  isForProject: boolean,
): Partial<WakeFile> {
  if (policy === undefined) return {};
  const wanted: WakePolicy | undefined = WAKE_POLICIES.find((known) => known === policy);
  if (wanted === undefined) throw new UsageError(`The policy must be ${WAKE_POLICIES.join(", ")}.`);
  if (!isForProject) return { wake: wanted };
  if (config.project === null) throw new UsageError("This folder belongs to no project.");
  const name = config.project.toLowerCase();
  const all = Object.entries(recordOf(file.projects) ?? {});
  const own = recordOf(all.find(([each]) => each.toLowerCase() === name)?.[1]);
  const others = all.filter(([each]) => each.toLowerCase() !== name);
  return { projects: { ...Object.fromEntries(others), [name]: { ...own, wake: wanted } } };
}

function quietChange(quiet: string | undefined): Partial<WakeFile> {
  if (quiet === undefined) return {};
  if (quiet === "none") return { quietHours: "" };
  if (parseQuietHours(quiet) === null) throw new UsageError("Quiet hours must be like 22:00-08:00, or none.");
  return { quietHours: quiet };
}

function told({ config, env, paths }: CliContext): Answer {
  const now = Date.now();
  const { policy, quiet, source, problems } = loadWakeSettings({ env, paths, project: config.project });
  const ledger = new WakeLedger(paths, "wakes");
  const { inDay, last } = ledger.read();
  const held = ledger.held();
  const mayHappen = policy === "off" || hasMachineList(paths, config.workerUrl);
  const where = config.project === null ? "here" : `in project ${config.project}`;
  const isQuietNow = isQuiet(quiet, now);
  const noted = ({ at, what }: Noted) => `${formatAgo(at, now)}, ${cleanLine(what, 300)}`;
  return {
    text: [
      `Mail may wake an idle session ${where}: ${policy}, ${SAID_BY[source]}.`,
      ...(mayHappen ? [] : [`But ${NOBODY_VERIFIED}`]),
      ...(quiet === null ? [] : [`Quiet hours: ${formatQuietHours(quiet)}${isQuietNow ? ", now" : ""}.`]),
      `Woken on this machine: ${inDay} of at most ${WAKES_A_DAY} in 24 hours${last === null ? "" : `; last ${noted(last)}`}.`,
      ...(held === null ? [] : [`Held back last: ${noted(held)}.`]),
    ].join("\n"),
    json: {
      policy,
      source,
      ...(mayHappen ? {} : { reason: NOBODY_VERIFIED }),
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

const SAID_BY: Readonly<Record<WakeSettings["source"], string>> = {
  PHOTON_WAKE: "as PHOTON_WAKE says, which wins here",
  project: "set for this project",
  machine: "set for this machine",
  default: "by default",
};
