import { Argument, type Command } from "commander";
import { readGrade, setGrade } from "../../client/trust/grades.ts";
import { GRADES, type Grade } from "../../client/trust/origin.ts";
import type { CliContext, Run } from "../context.ts";
import { machineList } from "../machines/machine-list.ts";
import { machineCalled, requireMembership } from "../machines/membership.ts";
import { type RevokeOptions, revoke } from "../machines/revoke.ts";
import { machineProblem, renameInSettings } from "../machines/settings.ts";
import type { Answer } from "../terminal/answer.ts";
import { CommandFailed } from "../terminal/command-failed.ts";
import { confirmed } from "../terminal/confirmed.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { addUnencrypted } from "./unencrypted.ts";

interface Confirmed {
  readonly yes?: true;
}

export function addMachines(program: Command, run: Run): void {
  const machines = program
    .command("machines")
    .summary("the machines that joined, and what each may")
    .description("Lists the machines that joined this bridge, and those that use the shared key.")
    .addHelpText(
      "after",
      `
Examples:
  photon machines
  photon machines trust pc work       here, its tasks may be worked on like your own
  photon machines rename work-mac     this machine's name
  photon machines revoke old-laptop   it can neither read nor write any more

Grades are this machine's own: data informs only, ask may ask for work (Claude asks you first), work may be worked on.`,
    )
    .action(() => run(machineList));
  machines
    .command("trust")
    .description("Says or sets how far another machine is trusted here.")
    .argument("<machine>", "its name")
    .addArgument(new Argument("[grade]", "data, ask or work").choices(GRADES))
    .action((name: string, grade: Grade | undefined) => run((context) => trust(context, name, grade)));
  addUnencrypted(machines, run);
  machines
    .command("rename")
    .description("Gives this machine another name. What machines that joined send to the old name goes to the new one.")
    .argument("<name>", "the new name")
    .action((name: string) => run((context) => rename(context, name)));
  machines
    .command("revoke")
    .description(
      "Takes a machine out: it can neither read nor write, its open invitations end, and nothing is encrypted for it. Its name stays reserved.",
    )
    .argument("<machine>", "its name")
    .option("--with-invited", "also the machines that it let in, and those that these let in")
    .option("-y, --yes", "without asking")
    .action((name: string, options: RevokeOptions) => run((context) => revoke(context, name, options)));
  machines
    .command("owner")
    .description("Makes a machine an owner, who may clear the mailbox, take machines out and invite owners.")
    .argument("<machine>", "its name")
    .option("-y, --yes", "without asking")
    .action((name: string, options: Confirmed) => run((context) => makeOwner(context, name, options)));
}

async function trust(context: CliContext, name: string, grade: Grade | undefined): Promise<Answer> {
  const membership = requireMembership(context);
  const { machineList } = await membership.machineList(60_000);
  const machine = machineCalled(machineList, name);
  if (grade !== undefined) {
    requirePerson(context.env, "photon machines trust");
    setGrade(context.paths, machine.fingerprint, grade);
  }
  const now = readGrade(context.paths, machine.fingerprint);
  return { text: `${machine.name} is trusted here: ${now}.`, json: { machine: machine.name, trust: now } };
}

async function rename(context: CliContext, name: string): Promise<Answer> {
  requirePerson(context.env, "photon machines rename");
  const problem = machineProblem(name);
  if (problem !== undefined) throw new UsageError(`${problem}.`);
  const membership = requireMembership(context);
  const before = context.config.machine;
  const { unread } = await context.mailbox.unread.fetch();
  if (unread > 0) {
    const sentence = `${unread} unread ${unread === 1 ? "message waits" : "messages wait"} for ${before}, and the new name would not see them: read them first.`;
    throw new CommandFailed("refused", sentence);
  }
  await membership.extend({ type: "rename", name });
  renameInSettings(context.paths, name);
  const warning =
    context.config.sources.machine === "environment"
      ? ["BRIDGE_MACHINE_ID in this environment has the old name, and wins: change it too."]
      : [];
  return {
    text: `This machine is ${name} now, no longer ${before}.`,
    json: { machine: name, before, warnings: warning },
    warnings: warning,
  };
}

async function makeOwner(context: CliContext, name: string, options: Confirmed): Promise<Answer> {
  requirePerson(context.env, "photon machines owner");
  const membership = requireMembership(context);
  const machine = machineCalled((await membership.machineList(0)).machineList, name);
  await confirmed(
    options.yes === true,
    `Make ${machine.name} an owner? It can take out every other machine, this one too.`,
  );
  await membership.extend({ type: "owner", machine: machine.fingerprint });
  return { text: `${machine.name} is an owner now.`, json: { machine: machine.name, isOwner: true } };
}
