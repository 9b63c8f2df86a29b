import type { Command } from "commander";
import { counted } from "../../client/text/counted.ts";
import type { CliContext, Run } from "../context.ts";
import type { Answer } from "../terminal/answer.ts";
import { confirmed } from "../terminal/confirmed.ts";
import { requirePerson } from "../terminal/person-only.ts";

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
