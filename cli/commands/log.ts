import type { Command } from "commander";
import { formatClock } from "../../client/text/format-age.ts";
import { machineName } from "../../client/text/names.ts";
import type { AuditEntry } from "../../contract/machine-list.ts";
import type { CliContext, Run } from "../context.ts";
import type { Answer } from "../terminal/answer.ts";
import { argumentOf, CountText } from "../terminal/arguments.ts";
import { dim } from "../terminal/terminal.ts";

const DEFAULT_LIMIT = 50;

export function addLog(program: Command, run: Run): void {
  program
    .command("log")
    .summary("who joined, invited, or came with a wrong key")
    .description("Shows the bridge's list of invitations, joinings, machines revoked and wrong keys, newest first.")
    .option("-n, --limit <count>", "at most so many", argumentOf(CountText), DEFAULT_LIMIT)
    .action((options: { readonly limit: number }) => run((context) => log(context, options.limit)));
}

async function log({ mailbox }: CliContext, limit: number): Promise<Answer> {
  const entries = await mailbox.bridge.auditLog(limit);
  const now = Date.now();
  const text = entries.length === 0 ? "Nothing yet." : entries.map((entry) => lineOf(entry, now)).join("\n");
  return { text, json: { count: entries.length, entries } };
}

function lineOf({ at, what, by, about, address }: AuditEntry, now: number): string {
  const words = Object.hasOwn(SAID_AS, what) ? SAID_AS[what] : "did something that this version does not know";
  const parts = [
    ...(by === undefined ? [] : [by === SHARED_KEY ? by : machineName(by)]),
    words,
    ...(about === undefined ? [] : [aboutText(about)]),
  ];
  const from = address === undefined ? "" : dim(`  from ${ADDRESS.test(address) ? address : "an unusable address"}`);
  return `${formatClock(Date.parse(at), now)}  ${parts.join(" ")}${from}`;
}

function aboutText(about: string): string {
  const inviter = /^invited by (.*)$/.exec(about)?.[1];
  if (inviter !== undefined) return `invited by ${machineName(inviter)}`;
  return PHRASES.includes(about) ? about : machineName(about);
}

/** What the bridge writes in place of a name. */
const PHRASES = ["an owner", "a machine", "more of this day are not listed"];

/** As the bridge names a caller who has no name. */
const SHARED_KEY = "shared key";

/** Of IPv4 or IPv6, or a /64 network. */
const ADDRESS = /^[0-9a-f.:]{2,45}(?:\/\d{1,3})?$/i;

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
