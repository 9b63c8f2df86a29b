import { cleanLine, cleanText } from "../client/text/clean-text.ts";
import { formatAgo, formatClock } from "../client/text/format-age.ts";
import { addressName, wholeAddress } from "../client/text/names.ts";
import { type Receiver, receiptLine } from "../client/text/receipt-line.ts";
import type { ReceivedMessage } from "../client/trust/origin.ts";
import { originForPerson } from "../client/trust/origin-words.ts";
import { formatAddress, parseAddress } from "../contract/address.ts";
import { MAX_TAGS, MessageId } from "../contract/message.ts";
import { foreignText } from "./foreign-text.ts";
import { SHORT_ID_CHARS } from "./message-ids.ts";
import { wrap } from "./text-width.ts";
import { CODE, type Viewer } from "./viewer.ts";

/**
 * A whole message: a header that this machine writes, then the text, indented so that none of its lines can look like a
 * header. For Claude, everything that the sender chose freely is inside a fence.
 *
 * @param now - milliseconds since 1970
 */
export function messageText(
  message: ReceivedMessage,
  viewer: Viewer,
  machines: readonly Receiver[],
  now: number,
): string {
  const { mailbox, isForClaude, columns, style } = viewer;
  const { kind, from, to, timestamp, replyTo, content, origin } = message;
  const id = MessageId.safeParse(message.id).data;
  const name = (address: string) =>
    isForClaude ? addressName(address, mailbox.config.project) : wholeAddress(address);
  const isClosed = origin.state === "unreadable";
  const next = isClosed ? dismissal(id, viewer) : answerCall(id, from, viewer);
  const sentAt = Date.parse(timestamp);
  const isReply = replyTo !== undefined && MessageId.safeParse(replyTo).success;
  const tags = message.tags.slice(0, MAX_TAGS).map((tag) => cleanLine(tag, 64));
  const text = cleanText(content);
  const body = indented(tags.length === 0 ? text : `tags ${tags.join(", ")}\n\n${text}`, viewer);
  const lines = [
    style.bold(wrap(`${kind} from ${name(from)} to ${to === null ? "everyone" : name(to)}`, columns)),
    `${formatClock(sentAt, now)}, ${formatAgo(sentAt, now)}${isReply ? ` · in reply to ${shortId(replyTo, viewer)}` : ""}`,
    ...(mailbox.inbox.isFromHere(message)
      ? [`sent from here · ${receiptLine({ ...message, isEncrypted: origin.isEncrypted }, machines, now)}`]
      : []),
    originForPerson(origin),
  ];
  return [
    ...lines.map((line) => wrap(line, columns)),
    style.dim(next === null ? `id ${id ?? "unusable"}` : `${isClosed ? "take it off the list" : "answer"}: ${next}`),
    "",
    foreignText(viewer, "message", isForClaude ? body : wrap(body, columns)),
  ].join("\n");
}

/** Every line of a foreign text begins with spaces, so that none can look like a line of Photon's own. Markdown has four for code. */
function indented(text: string, { isMarkdown }: Viewer): string {
  return text.replace(/^(?=.)/gm, isMarkdown ? CODE : "  ");
}

/** The command that answers the message, or null. People copy it into a shell, so it contains only checked names. */
function answerCall(id: string | undefined, from: string, viewer: Viewer): string | null {
  const sender = parseAddress(from);
  if (sender === null || sender.machine === "*" || id === undefined) return null;
  const to = viewer.isForClaude ? sender.machine : formatAddress(sender);
  return viewer.commands.answer(to, shortId(id, viewer));
}

function dismissal(id: string | undefined, viewer: Viewer): string | null {
  return id === undefined ? null : viewer.commands.dismiss(shortId(id, viewer));
}

/** Short for a person; Claude and programs copy the whole id. */
function shortId(id: string, { isForClaude }: Viewer): string {
  return isForClaude ? id : id.slice(0, SHORT_ID_CHARS);
}
