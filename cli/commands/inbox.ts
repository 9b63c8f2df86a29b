import type { Command } from "commander";
import { ProjectName } from "../../contract/message.ts";
import { inboxScreen } from "../../screens/inbox.ts";
import type { Run } from "../context.ts";
import { addMessageFilter, filterOf, type MessageFilter } from "../messages/message-filter.ts";
import { argumentOf, CountText } from "../terminal/arguments.ts";

const DEFAULT_LIMIT = 20;

interface InboxOptions extends MessageFilter {
  readonly all?: boolean;
  readonly project?: string;
  readonly limit: number;
  readonly page: number;
}

export function addInbox(program: Command, run: Run): void {
  const command = program
    .command("inbox")
    .summary("list the unread messages for this machine")
    .description(
      "Lists the unread messages for this machine in this folder's project, newest first. They stay unread: `photon read` marks a message read.",
    )
    .option("-a, --all", "include messages that are already read");
  addMessageFilter(command)
    .option("--project <project>", "only messages of this project, instead of this folder's", argumentOf(ProjectName))
    .option("-n, --limit <count>", "list at most this many", argumentOf(CountText), DEFAULT_LIMIT)
    .option("-p, --page <number>", "go on after the messages of the pages before", argumentOf(CountText), 1)
    .addHelpText(
      "after",
      `
Examples:
  photon inbox
  photon inbox --kind task --from pc
  photon inbox --all --limit 100
  photon inbox --page 2
  photon inbox --json | jq -r '.messages[].id'

The first column is the beginning of the message's id, for \`photon read\`.`,
    )
    .action(({ all = false, project, limit, page, ...filter }: InboxOptions) =>
      run((context) => inboxScreen(context, { all, project, limit, page, filter: filterOf(filter) })),
    );
}
