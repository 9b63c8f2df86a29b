import type { Command } from "commander";
import { cleanLine, cleanText } from "../../client/clean-text.ts";
import { formatAge } from "../../client/format-age.ts";
import type { Mailbox } from "../../client/mailbox.ts";
import { PhotonError } from "../../client/photon-error.ts";
import { formatAddress, parseAddress } from "../../contract/address.ts";
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

async function read({ mailbox }: CliContext, given: readonly string[], { keep }: ReadOptions): Promise<Answer> {
  if (given.length > MAX_IDS_PER_REQUEST) throw new UsageError(`At most ${MAX_IDS_PER_REQUEST} messages at a time.`);
  const ids = await fullIds(mailbox, given);
  const { messages, missing } = await messagesOf(mailbox, ids);
  const unread = messages.filter(({ read }) => !read);
  const markError = keep || unread.length === 0 ? null : await markRead(mailbox, unread);
  const problems = [
    ...missing.map((id) => `There is no message ${id}.`),
    ...(markError === null ? [] : [`They could not be marked read: ${failureOf(markError).message}`]),
  ];
  const marked = keep || markError !== null ? 0 : unread.length;
  const [problem] = problems;
  return {
    text: [
      ...messages.map((message) => messageText(message)),
      ...(marked > 0 ? [dim(marked === 1 ? "Marked read." : `${marked} marked read.`)] : []),
    ].join("\n\n"),
    json: {
      messages,
      marked,
      ...(problem === undefined ? {} : { error: problems.join(" "), code: markError?.code ?? "not_found" }),
    },
    warnings: problems,
    exitCode: problem === undefined ? 0 : 1,
  };
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

/** The texts are here already and are shown whatever comes of this. */
async function markRead(mailbox: Mailbox, messages: readonly Message[]): Promise<PhotonError | null> {
  try {
    await mailbox.markManyRead(messages.map(({ id }) => id));
    return null;
  } catch (error) {
    if (error instanceof PhotonError) return error;
    throw error;
  }
}

/** A header of this machine's making, then the text, indented: no line of it can look like a header. */
function messageText(message: Message): string {
  const { id, kind, from, to, timestamp, tags, replyTo, content } = message;
  const answer = answerCall(message);
  return [
    bold(`${kind} from ${cleanLine(from, 170)} to ${to === null ? "everyone" : cleanLine(to, 170)}`),
    [
      `${timestamp.slice(0, 16).replace("T", " ")} UTC, ${formatAge(Date.now() - Date.parse(timestamp))} ago`,
      ...(tags.length > 0 ? [`tags ${tags.map((tag) => cleanLine(tag, 64)).join(", ")}`] : []),
      ...(replyTo === undefined ? [] : [`in reply to ${cleanLine(replyTo, 40)}`]),
    ].join(" · "),
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
