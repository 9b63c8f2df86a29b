import { Argument, type Command } from "commander";
import { readGrade, setGrade } from "../../client/trust/grades.ts";
import { GRADES, type Grade } from "../../client/trust/origin.ts";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext, Run } from "../context.ts";
import { machineList } from "../machines/machine-list.ts";
import { machineCalled, requireMembership } from "../machines/membership.ts";
import { renameThis } from "../machines/rename.ts";
import { type RevokeOptions, revoke } from "../machines/revoke.ts";
import { confirmed, requirePerson } from "../terminal/person-only.ts";
import { addUnencrypted } from "./unencrypted.ts";

interface Confirmed {
  readonly yes?: true;
}

export function addMachines(program: Command, run: Run): void {
  const machines = program
    .command("machines")
    .summary("list the machines of your bridge, and what each may do")
    .description("Lists the machines that joined this bridge, and those that use the shared key.")
    .addHelpText(
      "after",
      `
Examples:
  photon machines
  photon machines trust pc work       let Claude work on tasks from pc like on your own
  photon machines rename work-mac     change this machine's name
  photon machines revoke old-laptop   exclude a lost machine

Each machine sets its own trust in the others. data: messages are information only. ask: Claude asks you before it works on
a task. work: Claude may work on a task like on one of yours.`,
    )
    .action(() => run(machineList));
  machines
    .command("trust")
    .description("Shows or sets how far this machine trusts another one.")
    .argument("<machine>", "its name")
    .addArgument(new Argument("[grade]", "data, ask or work").choices(GRADES))
    .action((name: string, grade: Grade | undefined) => run((context) => trust(context, name, grade)));
  addUnencrypted(machines, run);
  machines
    .command("rename")
    .description(
      "Changes this machine's name. Messages that joined machines send to the old name arrive under the new one.",
    )
    .argument("<name>", "the new name")
    .action((name: string) => run((context) => rename(context, name)));
  machines
    .command("revoke")
    .description(
      "Revokes a machine: it can no longer read or write, its open invitations become invalid, and no new message is encrypted for it. Its name stays reserved.",
    )
    .argument("<machine>", "its name")
    .option("--with-invited", "also revoke the machines that it invited, and those that they invited")
    .option("-y, --yes", "do not ask")
    .action((name: string, options: RevokeOptions) => run((context) => revoke(context, name, options)));
  machines
    .command("owner")
    .description("Makes a machine an owner, which may delete all messages, revoke machines and invite owners.")
    .argument("<machine>", "its name")
    .option("-y, --yes", "do not ask")
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
  return { text: `Trust in ${machine.name} on this machine: ${now}.`, json: { machine: machine.name, trust: now } };
}

async function rename(context: CliContext, name: string): Promise<Answer> {
  requirePerson(context.env, "photon machines rename");
  const before = context.config.machine;
  const warnings = await renameThis(context, name);
  return {
    text: `This machine was ${before} and is now ${name}.`,
    json: { machine: name, before, warnings },
    warnings,
  };
}

async function makeOwner(context: CliContext, name: string, options: Confirmed): Promise<Answer> {
  requirePerson(context.env, "photon machines owner");
  const membership = requireMembership(context);
  const machine = machineCalled((await membership.machineList(0)).machineList, name);
  const change = { type: "owner", machine: machine.fingerprint } as const;
  await membership.requireAllowed(change);
  await confirmed(
    options.yes === true,
    `Make ${machine.name} an owner? It can then revoke every other machine, including this one.`,
  );
  await membership.extend(change);
  return { text: `${machine.name} is now an owner.`, json: { machine: machine.name, isOwner: true } };
}
