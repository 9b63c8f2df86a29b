import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { publishDue } from "../../handover/publish/publish-due.ts";
import type { CliContext, Run } from "../context.ts";
import type { Answer } from "../terminal/answer.ts";
import { failureOf } from "../terminal/failure.ts";

export function addFlush(program: Command, run: Run): void {
  program
    .command("flush")
    .summary("send what waits on this disk")
    .description(
      "Publishes the handovers that are due (of a session that was killed, for one), sends what waits on this disk because the bridge could not be reached, and tells it what was shown and read here. Sessions do so too; this is for a script or a timer.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon flush              says nothing when all is well
  photon flush --json       {"stored": 2, "failed": 0, "waiting": 0}

Exit code 0 also when the bridge is away: the messages wait on. 1: one can never be delivered.`,
    )
    .action(() => run(flush));
}

async function flush(context: CliContext): Promise<Answer> {
  const { mailbox, paths } = context;
  const unpublished = await publishWhatIsDue(context);
  const { stored, failed, waiting, held, stoppedBy } = await mailbox.outbox.flush();
  const told = await tellReceipts(mailbox);
  const reason = stoppedBy === null ? null : cleanLine(stoppedBy.message, 400);
  return {
    text: "",
    json: {
      stored: stored.size,
      failed,
      waiting,
      ...(held.length > 0 && { held }),
      ...(told === null ? {} : { receipts: { error: cleanLine(told.message, 400), code: told.code } }),
      ...(stoppedBy === null ? {} : { stoppedBy: { error: reason, code: stoppedBy.code } }),
    },
    warnings: [
      ...(unpublished === null ? [] : [`A handover could not be published: ${unpublished}`]),
      ...held,
      ...(failed > 0
        ? [`Could not be delivered: ${failed}, kept in ${paths.outbox} as *.refused.json, with the reason.`]
        : []),
      ...(reason === null ? [] : [`Still waiting on this machine: ${waiting}. ${reason}`]),
    ],
    exitCode: failed > 0 ? 1 : 0,
  };
}

/** A disk that takes nothing must not keep what waits on it from being sent. @returns what failed */
async function publishWhatIsDue({ paths, env }: CliContext): Promise<string | null> {
  try {
    await publishDue(paths, (folder) => loadConfig({ env, paths, folder }));
    return null;
  } catch (error) {
    return failureOf(error).message;
  }
}

/** What was shown and read here. They wait on, as messages do; a person is not bothered with them. */
async function tellReceipts({ receipts }: Mailbox): Promise<PhotonError | null> {
  if (receipts.oldestMs === null) return null;
  try {
    await receipts.flush();
    return null;
  } catch (error) {
    if (error instanceof PhotonError) return error;
    throw error;
  }
}
