import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { receivers } from "../../client/mail/sent-status.ts";
import { forCount } from "../../client/text/counted.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { MAX_IDS_PER_REQUEST } from "../../contract/constants.ts";
import type { CliContext, Run } from "../context.ts";
import { fullIds } from "../messages/message-ids.ts";
import { messageText } from "../messages/message-text.ts";
import type { Answer } from "../terminal/answer.ts";
import { failureOf, UsageError } from "../terminal/failure.ts";
import { dim } from "../terminal/terminal.ts";

interface ReadOptions {
  readonly keep?: true;
}

export function addRead(program: Command, run: Run): void {
  program
    .command("read")
    .summary("show messages and mark them read")
    .description("Shows whole messages and marks them read for this machine.")
    .argument("<id...>", "ids, or their first 6 or more characters, as `photon inbox` shows them")
    .option("--keep", "leave the messages unread")
    .addHelpText(
      "after",
      `
Examples:
  photon read 3f2a9c1d
  photon read 3f2a9c1d 81b0c7e2 --keep
  photon read 3f2a9c1d --json | jq -r '.messages[0].content'

The text is indented, and control or invisible characters in it are removed or made visible. --json has the text as sent.`,
    )
    .action((ids: string[], options: ReadOptions) => run((context) => read(context, ids, options)));
}

async function read(context: CliContext, given: readonly string[], { keep }: ReadOptions): Promise<Answer> {
  const { mailbox, paths } = context;
  if (given.length > MAX_IDS_PER_REQUEST) throw new UsageError(`At most ${MAX_IDS_PER_REQUEST} messages at a time.`);
  const ids = await fullIds(context, given);
  const { messages, missing, unavailable } = await messagesOf(mailbox, ids);
  const machines = await receivers(mailbox, paths, messages);
  const problems = [
    ...missing.map((id) => ({ sentence: `There is no message ${id}.`, code: "not_found" as const })),
    ...unavailable.map((id) => ({
      sentence: `The bridge cannot read message ${id} at the moment. Try again later.`,
      code: "store_unavailable" as const,
    })),
  ];
  const problem = problems.length === 0 ? null : problems.map(({ sentence }) => sentence).join(" ");
  return {
    text: messages.map((message) => messageText(message, context, machines, Date.now())).join("\n\n"),
    json: { messages, marked: 0, ...(problem !== null && { error: problem, code: problems[0]?.code }) },
    warnings: problems.map(({ sentence }) => sentence),
    exitCode: problem === null ? 0 : 1,
    whenPrinted: () => finish(mailbox, messages, keep === true, problem),
  };
}

/** Sends receipts: the messages were shown and, unless they are kept unread, read. Skips messages for other machines. */
async function finish(
  mailbox: Mailbox,
  messages: readonly ReceivedMessage[],
  isKept: boolean,
  problem: string | null,
): Promise<Answer | null> {
  const own = messages.filter((message) => mailbox.inbox.isForHere(message));
  mailbox.receipts.noteShown(own.map(({ id }) => id));
  const unread = own.filter(({ read }) => !read);
  if (isKept || unread.length === 0) return null;
  try {
    const marking = await mailbox.receipts.markRead(unread.map(({ id }) => id));
    const marked = unread.length;
    const text = dim(`\n${forCount(marked, "Marked read.", `${marked} marked read.`)}`);
    if (marking.state === "marked") return { text, json: { marked } };
    const { reason } = marking;
    return {
      text,
      json: { marked, kept: reason },
      warnings: [`The bridge does not know this yet; Photon will retry. ${reason}`],
    };
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    const sentence = `The messages could not be marked read: ${failureOf(error).message}`;
    const json = { error: problem === null ? sentence : `${problem} ${sentence}`, code: error.code };
    return { text: "", json, warnings: [sentence], exitCode: 1 };
  }
}

async function messagesOf(mailbox: Mailbox, ids: readonly string[]) {
  const messages: ReceivedMessage[] = [];
  const missing: string[] = [];
  const unavailable: string[] = [];
  for (const id of ids) {
    try {
      messages.push(await mailbox.inbox.get(id));
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error;
      if (error.code === "not_found") missing.push(id);
      else if (error.code === "store_unavailable") unavailable.push(id);
      else throw error;
    }
  }
  return { messages, missing, unavailable };
}
