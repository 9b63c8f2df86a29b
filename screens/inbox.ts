import { PhotonError } from "../client/bridge/photon-error.ts";
import { unreadFor } from "../client/text/announcement.ts";
import { cleanLine } from "../client/text/clean-text.ts";
import { counted, forCount, unavailableText } from "../client/text/counted.ts";
import { formatAge } from "../client/text/format-age.ts";
import { wholeAddress } from "../client/text/names.ts";
import { tellable } from "../client/text/tellable-mail.ts";
import type { ReceivedMessage } from "../client/trust/origin.ts";
import { originMark } from "../client/trust/origin-words.ts";
import type { MessageKind } from "../contract/message.ts";
import type { Answer } from "./answer.ts";
import { foreignText } from "./foreign-text.ts";
import { listUpTo, shortIds } from "./message-ids.ts";
import { noteListed } from "./read.ts";
import { cutTo, padEnd, padStart, widest, wrap, wrapFirst } from "./text-width.ts";
import { CODE, type Viewer } from "./viewer.ts";

/** The preview is made from this much of a message. */
const MAX_PREVIEWED_CHARS = 1000;

/** A preview has at least this many columns, also in a narrow terminal. */
const MIN_PREVIEW_COLUMNS = 20;

/** A list in a pipe is for a person, too: its lines have at most this many columns. */
const MAX_LINE_COLUMNS = 120;

export interface InboxRequest {
  /** Also read messages. */
  readonly all: boolean;
  readonly filter: { readonly from?: string; readonly tag?: string; readonly kind?: MessageKind };
  /** Only this project, instead of the folder's. */
  readonly project?: string | undefined;
  /** The messages of a page. */
  readonly limit: number;
  /** From 1. */
  readonly page: number;
}

/** The list of messages, one line each, newest first. It marks none read. */
export async function inboxScreen(viewer: Viewer, request: InboxRequest): Promise<Answer> {
  const { mailbox, session } = viewer;
  const { all, filter, project, limit, page } = request;
  const skipped = (page - 1) * limit;
  const listed = await listUpTo(
    mailbox,
    {
      ...(all ? {} : { unread: "true", ...(session === null ? {} : { session }) }),
      ...filter,
      ...(project === undefined ? {} : { project }),
    },
    skipped + limit,
    // With a project the reader has none: the folder's project would hide the messages of others.
    project === undefined ? mailbox.self : mailbox.config.machine,
  );
  const messages = listed.messages.slice(skipped);
  const { isMore, unavailable } = listed;
  const shown = rows(messages, viewer);
  const lines = shown.length === 0 ? [] : [foreignText(viewer, "messages", shown.map(({ line }) => line).join("\n"))];
  return {
    text: [
      heading(messages, viewer, request, {
        isMore,
        total: isMore || page > 1 ? await totalUnread(viewer, request) : null,
      }),
      ...lines,
      ...footer(messages, viewer, request, isMore),
    ].join("\n"),
    json: {
      address: mailbox.self,
      count: messages.length,
      isMore,
      messages,
      ...(unavailable.length > 0 && { unavailable }),
    },
    warnings: unavailable.length > 0 ? [unavailableText(unavailable.length)] : [],
    whenShown: () =>
      noteListed(
        mailbox,
        shown.filter(({ isWhole }) => isWhole).map(({ message }) => message),
      ),
  };
}

function heading(
  messages: readonly ReceivedMessage[],
  { mailbox, commands, columns, isMarkdown }: Viewer,
  { all, filter, project, limit, page }: InboxRequest,
  { isMore, total }: { readonly isMore: boolean; readonly total: number | null },
): string {
  const room = { columns, isMarkdown };
  const noun = all ? "message" : "unread message";
  const more = page > 1 ? "more " : "";
  if (messages.length === 0) {
    const isFiltered = project !== undefined || Object.keys(filter).length > 0;
    const none = `No ${more}${isFiltered ? "matching " : ""}${noun}s for ${mailbox.self}.`;
    return wrapFirst(all ? none : `${none} \`${commands.inboxAll}\` also lists read messages.`, room);
  }
  const from = (page - 1) * limit;
  const which = isMore || page > 1 ? `, ${from + 1} to ${from + messages.length}, newest first` : "";
  const count =
    which === ""
      ? counted(messages.length, noun)
      : total === null || all || !isMore
        ? `${noun[0]?.toUpperCase()}${noun.slice(1)}s`
        : counted(total, noun);
  const end = isMarkdown ? ":\n" : ":"; // code needs an empty line before it
  const unread = all ? unreadOf(messages, which === "", total) : "";
  return wrapFirst(`${count} for ${mailbox.self}${which}${unread}${end}`, room);
}

/** One page does not know how many of all messages are unread; the bridge may. */
function unreadOf(messages: readonly ReceivedMessage[], isComplete: boolean, total: number | null): string {
  const unread = isComplete ? messages.filter(({ read }) => !read).length : total;
  return unread === null ? "" : `, ${unread} unread`;
}

/** How many messages are unread; null if the list is filtered, or the bridge does not say. */
async function totalUnread(
  { mailbox, paths, session }: Viewer,
  { filter, project }: InboxRequest,
): Promise<number | null> {
  if (project !== undefined || Object.keys(filter).length > 0) return null;
  try {
    return unreadFor(tellable(await mailbox.unread.fetch(), paths, mailbox.config), session);
  } catch (error) {
    if (error instanceof PhotonError) return null;
    throw error;
  }
}

/** How to go on. */
function footer(
  messages: readonly ReceivedMessage[],
  { commands, style, columns, isForClaude }: Viewer,
  { all, page }: InboxRequest,
  isMore: boolean,
): string[] {
  if (messages.length === 0 || isForClaude) return [];
  const [first] = messages;
  const id = shortIds(messages.map((message) => message.id)).get(first?.id ?? "") ?? "<id>";
  const steps = [
    ...(isMore ? [{ command: commands.nextPage(page + 1), what: "the next ones, with the same options" }] : []),
    { command: commands.read(cleanLine(id, 40)), what: "reads a message" },
    ...(all ? [] : [{ command: commands.readAll, what: "marks all read" }]),
  ];
  const width = widest(steps.map(({ command }) => command));
  const closed = messages.filter(({ origin, read }) => origin.state === "unreadable" && !read).length;
  return [
    "",
    ...(closed === 0 ? [] : [style.dim(wrap(closedText(closed, commands), columns))]),
    ...steps.map(({ command, what }) => style.dim(wrap(`${padEnd(command, width)}  ${what}`, columns))),
  ];
}

function closedText(count: number, { readAll }: Viewer["commands"]): string {
  const it = forCount(count, "it", "them");
  return `${counted(count, "message")} cannot be opened here: encrypted for other keys. \`${readAll}\` takes ${it} off the list too.`;
}

/** A message in the list. */
interface Row {
  readonly message: ReceivedMessage;
  readonly line: string;
  /** Whether the line has the whole text of the message. */
  readonly isWhole: boolean;
}

/** One line each: id, kind, sender, age, the beginning of the text, tags. All foreign text is cleaned. */
function rows(messages: readonly ReceivedMessage[], { columns, style, isMarkdown }: Viewer): Row[] {
  const indent = isMarkdown ? CODE : "";
  const ids = shortIds(messages.map(({ id }) => id));
  const cells = messages.map((message) => ({
    message,
    id: cleanLine(ids.get(message.id) ?? message.id, 40),
    from: cleanLine(wholeAddress(message.from), 40),
    age: formatAge(Date.now() - Date.parse(message.timestamp)).replace("less than a minute", "now"),
  }));
  const idWidth = widest(cells.map(({ id }) => id));
  const kindWidth = widest(cells.map(({ message }) => message.kind));
  const fromWidth = widest(cells.map(({ from }) => from));
  const ageWidth = widest(cells.map(({ age }) => age));
  return cells.map(({ message, id, from, age }) => {
    const fields = `  ${padEnd(message.kind, kindWidth)}  ${padEnd(from, fromWidth)}  ${padStart(age, ageWidth)}  `;
    const mark = originMark(message.origin);
    const start = `${fields}${mark === null ? "" : `[${mark}] `}`;
    const tags = message.tags.map((tag) => ` #${cleanLine(tag, 24)}`).join("");
    const used = widest([indent + start + tags]) + idWidth;
    const room = Math.max(Math.min(columns, MAX_LINE_COLUMNS) - used - 1, MIN_PREVIEW_COLUMNS);
    const text = cleanLine(message.content.slice(0, MAX_PREVIEWED_CHARS), MAX_PREVIEWED_CHARS);
    const preview = cutTo(text, room);
    const isWhole = preview === text && message.content.length <= MAX_PREVIEWED_CHARS;
    const rest = `${start}${preview}${tags}`;
    const line = message.read ? style.dim(padEnd(id, idWidth) + rest) : style.bold(padEnd(id, idWidth)) + rest;
    return { message, line: indent + line, isWhole };
  });
}
