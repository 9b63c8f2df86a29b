import { cleanLine, cleanText } from "../../client/text/clean-text.ts";
import { formatAgo, formatClock } from "../../client/text/format-age.ts";
import { addressName, wholeAddress } from "../../client/text/names.ts";
import { receiptLine } from "../../client/text/receipt-line.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { originForPerson } from "../../client/trust/origin-words.ts";
import { formatAddress, isSameName, parseAddress } from "../../contract/address.ts";
import type { SeenMachine } from "../../contract/api.ts";
import { MAX_TAGS, MessageId } from "../../contract/message.ts";
import type { CliContext } from "../context.ts";
import { foreignText, isForClaude } from "../terminal/foreign-text.ts";
import { bold, dim } from "../terminal/terminal.ts";

/**
 * A whole message: a header that this machine writes, then the text, indented so that none of its lines can look like a
 * header. For Claude, everything that the sender chose freely is inside a fence.
 *
 * @param now - milliseconds since 1970
 */
export function messageText(
  message: ReceivedMessage,
  { config, env }: Pick<CliContext, "config" | "env">,
  machines: readonly SeenMachine[],
  now: number,
): string {
  const { kind, from, to, timestamp, replyTo, content } = message;
  const id = MessageId.safeParse(message.id).data;
  const name = (address: string) => (isForClaude(env) ? addressName(address, config.project) : wholeAddress(address));
  const answer = answerCall(id, isForClaude(env) ? (parseAddress(from)?.machine ?? from) : from);
  const own = isSameName(parseAddress(from)?.machine ?? "", config.machine);
  const sentAt = Date.parse(timestamp);
  const isReply = replyTo !== undefined && MessageId.safeParse(replyTo).success;
  const tags = message.tags.slice(0, MAX_TAGS).map((tag) => cleanLine(tag, 64));
  const text = cleanText(content).replace(/^(?=.)/gm, "  ");
  return [
    bold(`${kind} from ${name(from)} to ${to === null ? "everyone" : name(to)}`),
    `${formatClock(sentAt, now)}, ${formatAgo(sentAt, now)}${isReply ? ` · in reply to ${replyTo}` : ""}`,
    ...(own ? [`sent from here · ${receiptLine(message, machines, now)}`] : []),
    originForPerson(message.origin),
    dim(answer === null ? `id ${id ?? "unusable"}` : `answer: ${answer}`),
    "",
    foreignText(env, "message", tags.length === 0 ? text : `  tags ${tags.join(", ")}\n\n${text}`),
  ].join("\n");
}

/** The command that answers the message, or null. People copy it into a shell, so it contains only checked names. */
function answerCall(id: string | undefined, from: string): string | null {
  const sender = parseAddress(from);
  if (sender === null || sender.machine === "*" || id === undefined) return null;
  const to = formatAddress(sender);
  return `photon send ${to.includes(" ") ? `"${to}"` : to} --reply-to ${id} "…"`;
}
