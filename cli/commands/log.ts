import type { Command } from "commander";
import { formatClock } from "../../client/text/format-age.ts";
import { machineName } from "../../client/text/names.ts";
import type { AuditEntry } from "../../contract/machine-list.ts";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext, Run } from "../context.ts";
import { argumentOf, CountText } from "../terminal/arguments.ts";
import { dim } from "../terminal/terminal.ts";

const DEFAULT_LIMIT = 50;

export function addLog(program: Command, run: Run): void {
  program
    .command("log")
    .summary("show who joined, invited, or used a wrong key")
    .description(
      "Shows the bridge's audit log, newest first: invitations, machines that joined, left or were revoked, and wrong keys.",
    )
    .option("-n, --limit <count>", "show at most this many", argumentOf(CountText), DEFAULT_LIMIT)
    .action((options: { readonly limit: number }) => run((context) => log(context, options.limit)));
}

async function log({ mailbox }: CliContext, limit: number): Promise<Answer> {
  const entries = await mailbox.bridge.auditLog(limit);
  const now = Date.now();
  const text = entries.length === 0 ? "The log is empty." : entries.map((entry) => lineOf(entry, now)).join("\n");
  return { text, json: { count: entries.length, entries } };
}

function lineOf({ at, what, by, about, address }: AuditEntry, now: number): string {
  if (what === "revoked" && by !== undefined && by === about) return lineOf({ at, what: "left", by, address }, now);
  if (what === "failed_key" && by !== undefined) return lineOf({ at, what: "old_key", by, about, address }, now);
  const words = Object.hasOwn(PHRASE_OF, what) ? PHRASE_OF[what] : "did something that this version does not know";
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
  return NOT_NAMES.includes(about) ? about : machineName(about);
}

/** The bridge writes these where there is no name. */
const NOT_NAMES = ["an owner", "a machine", "more of this day are not listed"];

/** The bridge's name for a caller that has not joined. */
const SHARED_KEY = "shared key";

/** An IPv4 or IPv6 address, or a /64 network. */
const ADDRESS = /^[0-9a-f.:]{2,45}(?:\/\d{1,3})?$/i;

const PHRASE_OF: Readonly<Record<string, string>> = {
  founded: "was the first machine",
  invited: "invited",
  joined: "joined",
  renamed: "was renamed to",
  revoked: "revoked",
  left: "left",
  old_key: "used its old key, after it left or was revoked",
  made_owner: "made an owner:",
  locked: "switched the shared key off",
  wrong_invite: "somebody tried to join with a wrong invitation",
  invites_burned: "invitation invalidated after too many wrong attempts",
  failed_key: "somebody used a key that is not of this bridge",
  cleared: "cleared the mailbox",
};
