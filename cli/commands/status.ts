import type { Command } from "commander";
import { statusScreen } from "../../screens/status.ts";
import type { Run } from "../context.ts";

export function addStatus(program: Command, run: Run): void {
  program
    .command("status")
    .summary("show this machine's settings, unread messages and outbox")
    .description(
      "Shows this machine's name and settings, its unread messages by sender, whether the last sent messages were read, and the outbox: messages that are not sent yet. Like every command it first tries to send the outbox.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon status
  photon status --json | jq .unread

Exit code 1 if the bridge cannot be reached; the state of this machine is shown anyway.`,
    )
    .action(() => run(statusScreen));
}
