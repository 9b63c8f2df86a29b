import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import { fingerprintWords } from "../../client/machines/fingerprint-words.ts";
import { inviteLine, newInvitation } from "../../client/machines/invite-line.ts";
import { formatClock } from "../../client/text/format-age.ts";
import { INVITE_SECONDS, MAX_WRONG_TRIES } from "../../contract/machine-list.ts";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext, Run } from "../context.ts";
import { requireMembership } from "../machines/membership.ts";
import { isLoopback } from "../machines/settings.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { bold } from "../terminal/terminal.ts";

interface InviteOptions {
  readonly owner?: boolean;
  readonly qr?: boolean;
}

export function addInvite(program: Command, run: Run): void {
  program
    .command("invite")
    .summary("let another machine of yours join")
    .description(
      `Prints one line with which another machine joins. It is valid once, for ${INVITE_SECONDS / 60} minutes. After ${MAX_WRONG_TRIES} wrong attempts to join, it is invalid.`,
    )
    .option(
      "--owner",
      "make the machine an owner: it may delete all messages, revoke machines and invite owners (only an owner can do this)",
    )
    .option("--qr", "also show the command's line as a QR code, to carry it to a computer with a camera")
    .option("--no-qr", "show no QR code; this is the default")
    .addHelpText(
      "after",
      `
Examples:
  photon invite
  photon invite --owner               a second owner can revoke the first one, if you lose it

Anyone who has the line can join: keep it secret, and do not paste it where it is stored. Its secret part is never sent to
the bridge.`,
    )
    .action((options: InviteOptions) => run((context) => invite(context, options)));
}

async function invite(context: CliContext, { owner = false, qr = false }: InviteOptions): Promise<Answer> {
  requirePerson(context.env, "photon invite");
  const membership = requireMembership(context);
  const invitation = newInvitation(membership.keys.workerUrl);
  await membership.invite(invitation, owner);
  // Shown to the person here, so by this machine's clock; the machine list has the bridge's time.
  const now = Date.now();
  const expiresAt = new Date(now + INVITE_SECONDS * 1000).toISOString();
  const line = inviteLine(invitation);
  const until = formatClock(Date.parse(expiresAt), now);
  const words = fingerprintWords(membership.keys.fingerprint);
  return {
    text: [
      ...(qr ? [renderUnicodeCompact(line, { border: 2 }), ""] : []),
      `Run this on the other machine${owner ? ", which becomes an owner," : ""} in a clone of Photon, before ${until}:`,
      "",
      `  ${bold(`bin/photon join ${line}`)}`,
      "",
      `The other machine must then show the same words for this machine: ${words}`,
      ...(isLoopback(membership.keys.workerUrl) ? ["", ONLY_HERE] : []),
    ].join("\n"),
    json: { line, expiresAt, owner, fingerprint: membership.keys.fingerprint, words },
  };
}

const ONLY_HERE =
  "Other computers cannot reach this bridge: its address leads each computer to itself. `npm run bridge -- --host 0.0.0.0` starts one that they reach.";
