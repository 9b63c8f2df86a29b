import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import { fingerprintWords } from "../../client/machines/fingerprint-words.ts";
import { inviteLine, newInvitation } from "../../client/machines/invite-line.ts";
import { formatClock } from "../../client/text/format-age.ts";
import { INVITE_SECONDS, MAX_WRONG_TRIES } from "../../contract/machine-list.ts";
import type { CliContext, Run } from "../context.ts";
import { requireMembership } from "../machines/membership.ts";
import type { Answer } from "../terminal/answer.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { bold } from "../terminal/terminal.ts";

interface InviteOptions {
  readonly owner?: boolean;
  /** False for --no-qr. */
  readonly qr: boolean;
}

export function addInvite(program: Command, run: Run): void {
  program
    .command("invite")
    .summary("let another machine of yours join")
    .description(
      `Prints one line that another machine joins with: once, within ${INVITE_SECONDS / 60} minutes. ${MAX_WRONG_TRIES} wrong tries make the line void.`,
    )
    .option("--owner", "the machine may clear the mailbox, take machines out and invite owners (only an owner can)")
    .option("--no-qr", "without the QR code")
    .addHelpText(
      "after",
      `
Examples:
  photon invite
  photon invite --owner               a second owner can shut out a lost first one

Whoever has the line joins: give it to nobody else, and do not paste it where it stays. Its secret part never reaches the
bridge.`,
    )
    .action((options: InviteOptions) => run((context) => invite(context, options)));
}

async function invite(context: CliContext, { owner = false, qr }: InviteOptions): Promise<Answer> {
  requirePerson(context.env, "photon invite");
  const membership = requireMembership(context);
  const invitation = newInvitation(membership.keys.workerUrl);
  await membership.invite(invitation, owner);
  // For this machine's person, so by this machine's clock; the list has the bridge's.
  const now = Date.now();
  const expiresAt = new Date(now + INVITE_SECONDS * 1000).toISOString();
  const line = inviteLine(invitation);
  const until = formatClock(Date.parse(expiresAt), now);
  const words = fingerprintWords(membership.keys.fingerprint);
  return {
    text: [
      ...(qr ? [renderUnicodeCompact(line, { border: 2 }), ""] : []),
      `On the other machine, once, until ${until}${owner ? ", as an owner" : ""}:`,
      "",
      `  ${bold(`photon join ${line}`)}`,
      "",
      `It will name this machine with the words: ${words}`,
    ].join("\n"),
    json: { line, expiresAt, owner, fingerprint: membership.keys.fingerprint, words },
  };
}
