import type { Command } from "commander";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext, Run } from "../context.ts";
import { requireMembership } from "../machines/membership.ts";
import { confirmed, requirePerson } from "../terminal/person-only.ts";

export function addLock(program: Command, run: Run): void {
  program
    .command("lock")
    .summary("switch the shared key off permanently")
    .description(
      "Switches the bridge's shared key off: from then on only joined machines can use the bridge, each with its own key. This cannot be undone. Only an owner can do it.",
    )
    .option("-y, --yes", "do not ask")
    .action((options: { readonly yes?: true }) => run((context) => lock(context, options.yes === true)));
}

async function lock(context: CliContext, isSure: boolean): Promise<Answer> {
  requirePerson(context.env, "photon lock");
  const membership = requireMembership(context);
  const { machineList } = await membership.machineList(0);
  if (machineList.isLocked) return { text: "The shared key is already switched off.", json: { isLocked: true } };
  await membership.requireAllowed({ type: "lock" });
  await confirmed(isSure, "Switch the shared key off permanently? Machines that have not joined lose access.");
  await membership.extend({ type: "lock" });
  return {
    text: "The shared key is switched off. Within a minute only joined machines can use the bridge.",
    json: { isLocked: true },
  };
}
