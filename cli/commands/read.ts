import type { Command } from "commander";
import { cleanLine, cleanText } from "../../client/clean-text.ts";
import { formatAge } from "../../client/format-age.ts";
import { readMachines } from "../../client/machines-cache.ts";
import type { Mailbox } from "../../client/mailbox.ts";
import { PhotonError } from "../../client/photon-error.ts";
import { receiptLine } from "../../client/receipt-line.ts";
import { formatAddress, isSameName, isVisibleTo, parseAddress } from "../../contract/address.ts";
import type { SeenMachine } from "../../contract/api.ts";
import { MAX_IDS_PER_REQUEST, type Message, MessageId } from "../../contract/message.ts";
import type { Answer } from "../answer.ts";
import type { CliContext } from "../context.ts";
import { failureOf } from "../failure.ts";
import { fullIds } from "../message-ids.ts";
import type { Run } from "../program.ts";
import { bold, dim } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

interface ReadOptions {
  readonly keep?: true;
}

export function addRead(program: Command, run: Run): void {
  program
    .command("read")
    .summary("show messages and mark them read")
    .description("Shows whole messages and marks them read for this machine.")
    .argument("<id...>", "ids, or the first 6 or more characters of them, as `photon inbox` shows them")
    .option("--keep", "only show: they stay unread")
    .addHelpText(
      "after",
      `
Examples:
  photon read 3f2a9c1d
  photon read 3f2a9c1d 81b0c7e2 --keep
  photon read 3f2a9c1d --json | jq -r '.messages[0].content'

The text is indented, and what a terminal would act on or hide is taken out or made visible; --json has it as it was sent.`,
    )
    .action((ids: string[], options: ReadOptions) => run((context) => read(context, ids, options)));
}

async function read({ mailbox, paths }: CliContext, given: readonly string[], { keep }: ReadOptions): Promise<Answer> {
  if (given.length > MAX_IDS_PER_REQUEST) throw new UsageError(`At most ${MAX_IDS_PER_REQUEST} messages at a time.`);
  const ids = await fullIds(mailbox, given);
  const { messages, missing } = await messagesOf(mailbox, ids);
  const machines = readMachines(paths)?.machines ?? [];
  const problem = missing.length === 0 ? null : missing.map((id) => `There is no message ${id}.`).join(" ");
  return {
    text: messages.map((message) => messageText(message, mailbox.config.machine, machines)).join("\n\n"),
    json: { messages, marked: 0, ...(problem === null ? {} : { error: problem, code: "not_found" }) },
    warnings: missing.map((id) => `There is no message ${id}.`),
    exitCode: problem === null ? 0 : 1,
    whenPrinted: () => finish(mailbox, messages, keep === true, problem),
  };
}

/** Notes that the messages were shown, and marks them read. */
async function finish(
  mailbox: Mailbox,
  messages: readonly Message[],
  isKept: boolean,
  problem: string | null,
): Promise<Answer | null> {
  const self = { machine: mailbox.config.machine, project: null };
  mailbox.receipts.noteShown(messages.filter((message) => isVisibleTo(message, self)).map(({ id }) => id));
  const unread = messages.filter(({ read }) => !read);
  if (isKept || unread.length === 0) return null;
  try {
    const marking = await mailbox.markRead(unread.map(({ id }) => id));
    const marked = unread.length;
    const text = dim(marked === 1 ? "\nMarked read." : `\n${marked} marked read.`);
    if (marking.state === "marked") return { text, json: { marked } };
    const reason = cleanLine(marking.reason, 400);
    return {
      text,
      json: { marked, kept: reason },
      warnings: [`The bridge does not know yet: ${reason} It is told by itself.`],
    };
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    const sentence = `They could not be marked read: ${failureOf(error).message}`;
    const json = { error: problem === null ? sentence : `${problem} ${sentence}`, code: error.code };
    return { text: "", json, warnings: [sentence], exitCode: 1 };
  }
}

async function messagesOf(mailbox: Mailbox, ids: readonly string[]) {
  const messages: Message[] = [];
  const missing: string[] = [];
  for (const id of ids) {
    try {
      messages.push(await mailbox.get(id));
    } catch (error) {
      if (!(error instanceof PhotonError) || error.code !== "not_found") throw error;
      missing.push(id);
    }
  }
  return { messages, missing };
}

/** A header of this machine's making, then the text, indented: no line of it can look like a header. */
function messageText(message: Message, self: string, machines: readonly SeenMachine[]): string {
  const { id, kind, from, to, timestamp, tags, replyTo, content } = message;
  const answer = answerCall(message);
  const own = isSameName(parseAddress(from)?.machine ?? "", self);
  return [
    bold(`${kind} from ${cleanLine(from, 170)} to ${to === null ? "everyone" : cleanLine(to, 170)}`),
    [
      `${timestamp.slice(0, 16).replace("T", " ")} UTC, ${formatAge(Date.now() - Date.parse(timestamp))} ago`,
      ...(tags.length > 0 ? [`tags ${tags.map((tag) => cleanLine(tag, 64)).join(", ")}`] : []),
      ...(replyTo === undefined ? [] : [`in reply to ${cleanLine(replyTo, 40)}`]),
    ].join(" · "),
    ...(own ? [`sent from here · ${receiptLine(message, machines, Date.now())}`] : []),
    dim(answer === null ? `id ${cleanLine(id, 40)}` : `answer: ${answer}`),
    "",
    cleanText(content).replace(/^(?=.)/gm, "  "),
  ].join("\n");
}

/** The command that answers it; null when it would not work. People copy it into a shell: only plain names go in. */
function answerCall({ id, from }: Message): string | null {
  const sender = parseAddress(from);
  if (sender === null || sender.machine === "*" || !MessageId.safeParse(id).success) return null;
  const to = formatAddress(sender);
  return `photon send ${to.includes(" ") ? `"${to}"` : to} --reply-to ${id} "…"`;
}
