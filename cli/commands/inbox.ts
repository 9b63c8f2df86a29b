import type { Command } from "commander";
import { cleanLine } from "../../client/text/clean-text.ts";
import { counted, unavailableText } from "../../client/text/counted.ts";
import { formatAge } from "../../client/text/format-age.ts";
import { wholeAddress } from "../../client/text/names.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { originMark } from "../../client/trust/origin-words.ts";
import { ProjectName } from "../../contract/message.ts";
import type { CliContext, Run } from "../context.ts";
import { addMessageFilter, filterOf, type MessageFilter } from "../messages/message-filter.ts";
import { listUpTo, shortIds } from "../messages/message-ids.ts";
import type { Answer } from "../terminal/answer.ts";
import { argumentOf, CountText } from "../terminal/arguments.ts";
import { foreignText } from "../terminal/foreign-text.ts";
import { bold, columns, dim } from "../terminal/terminal.ts";

const DEFAULT_LIMIT = 20;

/** The preview is made from this much of a message. */
const MAX_PREVIEWED_CHARS = 1000;

interface InboxOptions extends MessageFilter {
  readonly all?: true;
  readonly project?: string;
  readonly limit: number;
}

export function addInbox(program: Command, run: Run): void {
  const command = program
    .command("inbox")
    .summary("list the unread messages for this machine")
    .description(
      "Lists the unread messages for this machine in this folder's project, newest first. They stay unread: `photon read` marks a message read.",
    )
    .option("-a, --all", "include messages that are already read");
  addMessageFilter(command)
    .option("--project <project>", "only messages of this project, instead of this folder's", argumentOf(ProjectName))
    .option("-n, --limit <count>", "list at most this many", argumentOf(CountText), DEFAULT_LIMIT)
    .addHelpText(
      "after",
      `
Examples:
  photon inbox
  photon inbox --kind task --from pc
  photon inbox --all --limit 100
  photon inbox --json | jq -r '.messages[].id'

The first column is the beginning of the message's id, for \`photon read\`.`,
    )
    .action((options: InboxOptions) => run((context) => inbox(context, options)));
}

async function inbox({ mailbox, session, env }: CliContext, options: InboxOptions): Promise<Answer> {
  const { all, project, limit } = options;
  const filter = filterOf(options);
  const { messages, isMore, unavailable } = await listUpTo(
    mailbox,
    {
      ...(all ? {} : { unread: "true", ...(session === null ? {} : { session }) }),
      ...filter,
      ...(project === undefined ? {} : { project }),
    },
    limit,
    // With --project the reader has no project: this folder's project would hide the messages of others.
    project === undefined ? mailbox.self : mailbox.config.machine,
  );
  const hasFilter = project !== undefined || Object.keys(filter).length > 0;
  const listed = messages.length === 0 ? [] : [foreignText(env, "messages", lines(messages).join("\n"))];
  const text = [heading(messages, isMore, mailbox.self, options, hasFilter), ...listed].join("\n");
  return {
    text,
    json: {
      address: mailbox.self,
      count: messages.length,
      isMore,
      messages,
      ...(unavailable.length > 0 && { unavailable }),
    },
    warnings: unavailable.length > 0 ? [unavailableText(unavailable.length)] : [],
  };
}

function heading(
  messages: readonly ReceivedMessage[],
  isMore: boolean,
  self: string,
  { all }: InboxOptions,
  hasFilter: boolean,
): string {
  const what = all ? "messages" : "unread messages";
  if (messages.length === 0) {
    return `No ${hasFilter ? "matching " : ""}${what} for ${self}.${all ? "" : " `photon inbox --all` also lists read messages."}`;
  }
  const count = counted(messages.length, all ? "message" : "unread message");
  const unread = messages.filter(({ read }) => !read).length;
  return `${isMore ? "The newest " : ""}${count} for ${self}${all ? `, ${unread} unread` : ""}${isMore ? " (--limit shows more)" : ""}:`;
}

/** One line each: id, kind, sender, age, the beginning of the text, tags. All foreign text is cleaned. */
function lines(messages: readonly ReceivedMessage[]): string[] {
  const ids = shortIds(messages.map(({ id }) => id));
  const rows = messages.map((message) => ({
    message,
    id: cleanLine(ids.get(message.id) ?? message.id, 40),
    from: cleanLine(wholeAddress(message.from), 40),
    age: formatAge(Date.now() - Date.parse(message.timestamp)).replace("less than a minute", "now"),
  }));
  const width = (pick: (row: (typeof rows)[number]) => string) => Math.max(...rows.map((row) => pick(row).length));
  const [idWidth, kindWidth, fromWidth, ageWidth] = [
    width(({ id }) => id),
    width(({ message }) => message.kind),
    width(({ from }) => from),
    width(({ age }) => age),
  ];
  return rows.map(({ message, id, from, age }) => {
    const fields = `  ${message.kind.padEnd(kindWidth)}  ${from.padEnd(fromWidth)}  ${age.padStart(ageWidth)}  `;
    const mark = originMark(message.origin);
    const tags = message.tags.map((tag) => ` #${cleanLine(tag, 24)}`).join("");
    const used = idWidth + fields.length + tags.length + (mark === null ? 0 : mark.length + 3);
    const room = Math.max(columns() - used - 1, 20);
    const rest = `${fields}${mark === null ? "" : `[${mark}] `}${cleanLine(message.content.slice(0, MAX_PREVIEWED_CHARS), room)}${tags}`;
    return message.read ? dim(id.padEnd(idWidth) + rest) : bold(id.padEnd(idWidth)) + rest;
  });
}
