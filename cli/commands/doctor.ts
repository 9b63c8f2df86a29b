import type { Command } from "commander";
import type { CliContext, Run } from "../context.ts";
import { archiveCheck } from "../doctor/archive-check.ts";
import { bridgeChecks, type Check, localChecks } from "../doctor/checks.ts";
import { hearingChecks } from "../doctor/hearing-checks.ts";
import { liveChecks } from "../doctor/live-checks.ts";
import { membershipChecks } from "../doctor/membership-checks.ts";
import { privacyChecks } from "../doctor/privacy-checks.ts";
import type { Answer } from "../terminal/answer.ts";
import { green, red, yellow } from "../terminal/terminal.ts";

export function addDoctor(program: Command, run: Run): void {
  program
    .command("doctor")
    .summary("find out what is wrong")
    .option("--live", "send this machine a message, say who hears of it and how soon, and delete it")
    .description(
      "Looks at this machine's set-up, at what waits on it, and asks the bridge; one line each, with what to do. Changes nothing, and sends nothing without --live.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon doctor
  photon doctor --live
  photon doctor --json | jq '.checks[] | select(.state != "ok")'

Exit code 1 when something fails; warnings alone are 0. The key is never shown, only that it is set and from where.`,
    )
    .action((options: DoctorOptions) => run((context) => doctor(context, options)));
}

interface DoctorOptions {
  readonly live?: true;
}

async function doctor(context: CliContext, { live }: DoctorOptions): Promise<Answer> {
  const { config, paths } = context;
  const checks = [
    ...localChecks(config, paths),
    ...privacyChecks(paths),
    ...(await bridgeChecks(config)),
    ...(await membershipChecks(context)),
    ...(await hearingChecks(context)),
    ...(await archiveCheck(context)),
    ...(live ? await liveChecks(context) : []),
  ];
  const isHealthy = checks.every(({ state }) => state !== "fail");
  const width = Math.max(...checks.map(({ name }) => name.length));
  return {
    text: checks.map((check) => line(check, width)).join("\n"),
    json: { healthy: isHealthy, checks },
    exitCode: isHealthy ? 0 : 1,
  };
}

function line({ name, state, found, advice }: Check, width: number): string {
  const colour = { ok: green, warn: yellow, fail: red }[state];
  return `${colour(state.padEnd(4))}  ${name.padEnd(width)}  ${found}${advice === undefined ? "" : ` → ${advice}`}`;
}
