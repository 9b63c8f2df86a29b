import type { Command } from "commander";
import { STATUSLINE_USE } from "../../client/text/statusline-use.ts";
import type { Run } from "../context.ts";

/** Only its help: `bin/photon` starts a bundle of its own for the command, because Claude Code runs it very often. */
export function addStatusline(program: Command, run: Run): void {
  program
    .command("statusline")
    .summary("print the unread count, for Claude Code's status line")
    .description(
      "Prints `photon 2` if 2 messages are unread for the session that Claude Code describes on stdin, and nothing if none is.",
    )
    .addHelpText(
      "after",
      `
In ~/.claude/settings.json:
  "statusLine": {"type": "command", "command": "photon statusline"}

It reads one small file and asks nobody. In a status line of your own, pass on what Claude Code gives you on stdin.`,
    )
    .action(() => run(async () => ({ text: STATUSLINE_USE, json: { use: STATUSLINE_USE } })));
}
