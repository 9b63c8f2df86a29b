import type { Command } from "commander";
import type { CliContext, Run } from "../context.ts";
import { requireMembership } from "../machines/membership.ts";
import type { Answer } from "../terminal/answer.ts";
import { confirmed } from "../terminal/confirmed.ts";
import { requirePerson } from "../terminal/person-only.ts";

export function addLock(program: Command, run: Run): void {
  program
    .command("lock")
    .summary("switch the shared key off, for good")
    .description(
      "From then on only machines that joined can use the bridge, each with its own key. It cannot be undone; only an owner can do it.",
    )
    .option("-y, --yes", "without asking")
    .action((options: { readonly yes?: true }) => run((context) => lock(context, options.yes === true)));
}

async function lock(context: CliContext, isSure: boolean): Promise<Answer> {
  requirePerson(context.env, "photon lock");
  const membership = requireMembership(context);
  const { machineList } = await membership.machineList(0);
  if (machineList.isLocked) return { text: "The shared key is off already.", json: { isLocked: true } };
  await confirmed(isSure, "Switch the shared key off, for good? Machines that have not joined are shut out.");
  await membership.extend({ type: "lock" });
  return {
    text: "The shared key is off: within a minute only machines that joined can use the bridge.",
    json: { isLocked: true },
  };
}
