import type { Command } from "commander";
import type { Answer } from "../answer.ts";
import { confirmed } from "../confirmed.ts";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { requirePerson } from "../person-only.ts";
import type { Run } from "../program.ts";

export function addClear(program: Command, run: Run): void {
  program
    .command("clear")
    .summary("delete every message, for every machine")
    .description(
      "Deletes every message on the bridge, for every machine and for good. Only an owner can, once a machine has joined.",
    )
    .option("-y, --yes", "without asking")
    .action((options: { readonly yes?: true }) => run((context) => clear(context, options.yes === true)));
}

async function clear({ env, mailbox }: CliContext, isSure: boolean): Promise<Answer> {
  requirePerson(env, "photon clear");
  await confirmed(isSure, "Delete every message, for every machine, for good?");
  const count = await mailbox.clear();
  return { text: `Deleted for every machine: ${counted(count, "message")}.`, json: { count } };
}
