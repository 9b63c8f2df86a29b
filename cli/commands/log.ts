import type { Command } from "commander";
import { cleanLine } from "../../client/clean-text.ts";
import { formatClock } from "../../client/format-age.ts";
import type { AuditEntry } from "../../contract/roster.ts";
import type { Answer } from "../answer.ts";
import { argumentOf, CountText } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import type { Run } from "../program.ts";
import { dim } from "../terminal.ts";

const DEFAULT_LIMIT = 50;

export function addLog(program: Command, run: Run): void {
  program
    .command("log")
    .summary("who joined, invited, or came with a wrong key")
    .description("Shows the bridge's list of invitations, joinings, machines taken out and wrong keys, newest first.")
    .option("-n, --limit <count>", "at most so many", argumentOf(CountText), DEFAULT_LIMIT)
    .action((options: { readonly limit: number }) => run((context) => log(context, options.limit)));
}

async function log({ mailbox }: CliContext, limit: number): Promise<Answer> {
  const entries = await mailbox.auditLog(limit);
  const now = Date.now();
  const text = entries.length === 0 ? "Nothing yet." : entries.map((entry) => lineOf(entry, now)).join("\n");
  return { text, json: { count: entries.length, entries } };
}

function lineOf({ at, what, by, about, address }: AuditEntry, now: number): string {
  const words = SAID_AS[what] ?? cleanLine(what, 40);
  const parts = [
    ...(by === undefined ? [] : [cleanLine(by, 63)]),
    words,
    ...(about === undefined ? [] : [cleanLine(about, 63)]),
  ];
  const from = address === undefined ? "" : dim(`  from ${cleanLine(address, 60)}`);
  return `${formatClock(Date.parse(at), now)}  ${parts.join(" ")}${from}`;
}

const SAID_AS: Readonly<Record<string, string>> = {
  founded: "was the first machine",
  invited: "invited",
  joined: "joined",
  renamed: "was renamed to",
  revoked: "took out",
  made_owner: "made an owner of",
  locked: "switched the shared key off",
  wrong_invite: "wrong try to join",
  invites_burned: "invitation made void, after too many wrong tries",
  failed_key: "wrong key",
  cleared: "cleared the mailbox",
};
