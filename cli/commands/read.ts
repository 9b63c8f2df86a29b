import type { Command } from "commander";
import type { Answer } from "../../screens/answer.ts";
import { UsageError } from "../../screens/failure.ts";
import { allDoneScreen, readScreen } from "../../screens/read.ts";
import type { CliContext, Run } from "../context.ts";

interface ReadOptions {
  readonly keep?: true;
  readonly all?: true;
}

export function addRead(program: Command, run: Run): void {
  program
    .command("read")
    .summary("show messages and mark them read")
    .description(
      "Shows whole messages and marks them read for this machine. With --all it only marks: every unread message that `photon inbox` lists.",
    )
    .argument("[id...]", "ids, or their first 4 or more characters, as `photon inbox` shows them")
    .option("--keep", "leave the messages unread")
    .option("--all", "mark all unread messages read, without showing them")
    .addHelpText(
      "after",
      `
Examples:
  photon read 3f2a9c1d
  photon read 3f2a9c1d 81b0c7e2 --keep
  photon read --all
  photon read 3f2a9c1d --json | jq -r '.messages[0].content'

The text is indented, and control or invisible characters in it are removed or made visible. --json has the text as sent.`,
    )
    .action((ids: string[], options: ReadOptions) => run((context) => read(context, ids, options)));
}

function read(context: CliContext, ids: readonly string[], { keep, all }: ReadOptions): Promise<Answer> {
  if (all && (keep || ids.length > 0))
    throw new UsageError("--all marks every unread message: it takes no id and no --keep.");
  if (!all && ids.length === 0)
    throw new UsageError("The id is missing: `photon inbox` shows it. --all marks all messages read.");
  return all ? allDoneScreen(context) : readScreen(context, ids, keep === true);
}
