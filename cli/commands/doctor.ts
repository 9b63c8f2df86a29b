import type { Command } from "commander";
import type { Answer } from "../../screens/answer.ts";
import { wrap } from "../../screens/text-width.ts";
import type { CliContext, Run } from "../context.ts";
import { archiveCheck } from "../doctor/archive-check.ts";
import { bridgeChecks, type Check, localChecks } from "../doctor/checks.ts";
import { connectionChecks, sessionsCheck } from "../doctor/connection-checks.ts";
import { liveChecks } from "../doctor/live-checks.ts";
import { membershipChecks } from "../doctor/membership-checks.ts";
import { pluginChecks } from "../doctor/plugin-checks.ts";
import { privacyChecks } from "../doctor/privacy-checks.ts";
import { columns, green, red, yellow } from "../terminal/terminal.ts";

export function addDoctor(program: Command, run: Run): void {
  program
    .command("doctor")
    .summary("find out what is wrong")
    .option("--live", "send this machine a test message, show which sessions are notified and how soon, and delete it")
    .description(
      "Checks the plugin in Claude Code, this machine's settings, its outbox (messages that are not sent yet) and the bridge. Prints one line for each check, with what to do. Changes nothing, and sends nothing without --live.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon doctor
  photon doctor --live
  photon doctor --json | jq '.checks[] | select(.state != "ok")'
  photon doctor --json | jq .plugin

Exit code 1 if a check fails; warnings do not count. The key itself is never shown, only its length and where it is set.`,
    )
    .action((options: DoctorOptions) => run((context) => doctor(context, options)));
}

interface DoctorOptions {
  readonly live?: true;
}

async function doctor(context: CliContext, { live }: DoctorOptions): Promise<Answer> {
  const { config, paths, folder } = context;
  const { checks: ofPlugin, report } = pluginChecks(context);
  const bridge = await bridgeChecks(config);
  // Each of the checks below would wait for the same silent bridge as long again.
  const isReachable = bridge.every(({ name, state }) => name !== "bridge" || state !== "fail");
  const checks = [
    ...ofPlugin,
    ...localChecks(config, paths, folder),
    ...privacyChecks(paths),
    ...bridge,
    ...(isReachable ? await askingChecks(context, live === true) : sessionsCheck(paths, config.workerUrl, false)),
  ];
  const isHealthy = checks.every(({ state }) => state !== "fail");
  const width = Math.max(...checks.map(({ name }) => name.length));
  return {
    text: checks.map((check) => line(check, width)).join("\n"),
    json: { healthy: isHealthy, checks, plugin: report },
    exitCode: isHealthy ? 0 : 1,
  };
}

async function askingChecks(context: CliContext, live: boolean): Promise<Check[]> {
  return [
    ...(await membershipChecks(context)),
    ...(await connectionChecks(context)),
    ...(await archiveCheck(context)),
    ...(live ? await liveChecks(context) : []),
  ];
}

const STATE_CHARS = 4;

/** The texts have at least this many columns, also in a narrow terminal. */
const MIN_COLUMNS = 30;

/** A check; further lines of its text begin below the first. */
function line({ name, state, found, advice }: Check, width: number): string {
  const colour = { ok: green, warn: yellow, fail: red }[state];
  const indent = " ".repeat(STATE_CHARS + width + 4);
  const text = wrap(
    `${found}${advice === undefined ? "" : ` → ${advice}`}`,
    Math.max(columns() - indent.length, MIN_COLUMNS),
  );
  return `${colour(state.padEnd(STATE_CHARS))}  ${name.padEnd(width)}  ${text.replaceAll("\n", `\n${indent}`)}`;
}
