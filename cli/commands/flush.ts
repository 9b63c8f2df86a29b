import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { FlushResult } from "../../client/mail/outbox-delivery.ts";
import { type Config, loadConfig } from "../../client/settings/config.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import type { OpenSession } from "../../handover/draft/open-sessions.ts";
import { publishDue } from "../../handover/publish/publish-due.ts";
import { reopenUndone } from "../../handover/resume/resumed-here.ts";
import { writePage } from "../../handover/written/write-page.ts";
import type { Answer } from "../../screens/answer.ts";
import { needsPerson } from "../../screens/delivery-words.ts";
import { failureOf } from "../../screens/failure.ts";
import type { CliContext, Run } from "../context.ts";
import { isCi } from "../terminal/ci.ts";

export function addFlush(program: Command, run: Run): void {
  program
    .command("flush")
    .summary("send everything that is not sent yet")
    .description(
      "Sends the outbox (messages that could not be sent before), the handovers that are due (for example that of a session that was killed), and the receipts of messages shown and read here. Sessions do this too; this command is for a script or a timer.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon flush              prints nothing if all is well
  photon flush --json       {"stored": 2, "failed": 0, "waiting": 0}

Exit code 0: done; also if the bridge cannot be reached, because Photon keeps the messages and retries. 1: the bridge has
refused a message permanently; or messages wait for a person, for example because the key was refused or they were written for
another bridge; or, in CI (CI=true), a message is not sent.`,
    )
    .action(() => run(flush));
}

async function flush(context: CliContext): Promise<Answer> {
  const { mailbox, env } = context;
  const unwritten: OpenSession[] = [];
  let unpublished = await publishWhatIsDue(context, unwritten);
  await reopenUndone(mailbox, context.paths).catch(() => undefined); // it is noticed later
  let sent = await mailbox.outbox.flush();
  // Claude takes a while, so everything else is sent first.
  for (const open of unwritten) {
    unpublished = (await writeAndPublish(context, open)) ?? unpublished;
    sent = both(sent, await mailbox.outbox.flush());
  }
  const { stored, failed, waiting, held, stoppedBy, refused } = sent;
  const told = await tellReceipts(mailbox);
  const trouble = stoppedBy ?? refused;
  const reason = trouble === null ? null : cleanLine(trouble.message, 400);
  const isStuck = held.length > 0 || [stoppedBy, refused].some((error) => error !== null && needsPerson(error.code));
  return {
    text: "",
    json: {
      stored: stored.size,
      failed,
      waiting,
      ...(held.length > 0 && { held }),
      ...(told === null ? {} : { receipts: { error: cleanLine(told.message, 400), code: told.code } }),
      ...(trouble === null ? {} : { stoppedBy: { error: reason, code: trouble.code } }),
    },
    warnings: [
      ...(unpublished === null ? [] : [`A handover could not be sent: ${unpublished}`]),
      ...held,
      ...(failed > 0 ? [`${counted(failed, "message")} could not be delivered: see \`photon failed\`.`] : []),
      ...(reason === null ? [] : [`Not sent yet, kept on this machine: ${counted(waiting, "message")}. ${reason}`]),
    ],
    exitCode: failed > 0 || isStuck || (waiting > 0 && isCi(env)) ? 1 : 0,
  };
}

/**
 * A handover that cannot be published must not stop the outbox from being sent.
 *
 * @param unwritten - gets the sessions whose page Claude is to write first
 * @returns what failed
 */
function publishWhatIsDue(context: CliContext, unwritten: OpenSession[]): Promise<string | null> {
  return failureIn(() => publishDue(context.paths, configIn(context), Date.now, unwritten));
}

/** @returns what failed */
function writeAndPublish(context: CliContext, open: OpenSession): Promise<string | null> {
  const { paths, env } = context;
  return failureIn(async () => {
    await writePage({ paths, env, configOf: configIn(context) }, open);
    await publishDue(paths, configIn(context), Date.now, []); // the others are next in the list that the caller has
  });
}

function configIn({ paths, env }: CliContext): (folder: string) => Config {
  return (folder) => loadConfig({ env, paths, folder });
}

async function failureIn(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return failureOf(error).message;
  }
}

/** Two deliveries of the outbox, one after the other. */
function both(earlier: FlushResult, later: FlushResult): FlushResult {
  return {
    ...later,
    stored: new Map([...earlier.stored, ...later.stored]),
    failed: earlier.failed + later.failed,
    refused: later.refused ?? earlier.refused,
  };
}

/** Receipts that cannot be sent are kept, as messages are. Only --json reports them. */
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
