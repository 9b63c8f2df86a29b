import type { Command } from "commander";
import { counted } from "../../client/text/counted.ts";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext, Run } from "../context.ts";
import { confirmed, requirePerson } from "../terminal/person-only.ts";

export function addClear(program: Command, run: Run): void {
  program
    .command("clear")
    .summary("delete every message, for every machine")
    .description(
      "Deletes every message on the bridge, permanently and for every machine. Once a machine has joined, only an owner (a machine with extra rights) can do this.",
    )
    .option("-y, --yes", "do not ask")
    .action((options: { readonly yes?: true }) => run((context) => clear(context, options.yes === true)));
}

async function clear({ env, mailbox }: CliContext, isSure: boolean): Promise<Answer> {
  requirePerson(env, "photon clear");
  await confirmed(isSure, "Delete every message, permanently and for every machine?");
  const count = await mailbox.clear();
  return { text: `Deleted for every machine: ${counted(count, "message")}.`, json: { count } };
}
