import { cleanLine, cleanText } from "../client/clean-text.ts";
import { formatAgo, formatClock } from "../client/format-age.ts";
import { receiptLine } from "../client/receipt-line.ts";
import type { ReceivedMessage } from "../client/trust/origin.ts";
import { originForPerson } from "../client/trust/origin-words.ts";
import { formatAddress, isSameName, parseAddress } from "../contract/address.ts";
import type { SeenMachine } from "../contract/api.ts";
import { MessageId } from "../contract/message.ts";
import { bold, dim } from "./terminal.ts";

/**
 * A whole message for a person: a header of this machine's making, then the text, indented, so that no line of it can
 * look like a header.
 *
 * @param self - this machine's name
 * @param now - milliseconds since 1970
 */
export function messageText(
  message: ReceivedMessage,
  self: string,
  machines: readonly SeenMachine[],
  now: number,
): string {
  const { id, kind, from, to, timestamp, tags, replyTo, content } = message;
  const answer = answerCall(message);
  const own = isSameName(parseAddress(from)?.machine ?? "", self);
  const sentAt = Date.parse(timestamp);
  return [
    bold(`${kind} from ${cleanLine(from, 170)} to ${to === null ? "everyone" : cleanLine(to, 170)}`),
    [
      `${formatClock(sentAt, now)}, ${formatAgo(sentAt, now)}`,
      ...(tags.length > 0 ? [`tags ${tags.map((tag) => cleanLine(tag, 64)).join(", ")}`] : []),
      ...(replyTo === undefined ? [] : [`in reply to ${cleanLine(replyTo, 40)}`]),
    ].join(" · "),
    ...(own ? [`sent from here · ${receiptLine(message, machines, now)}`] : []),
    originForPerson(message.origin),
    dim(answer === null ? `id ${cleanLine(id, 40)}` : `answer: ${answer}`),
    "",
    cleanText(content).replace(/^(?=.)/gm, "  "),
  ].join("\n");
}

/** The command that answers it; null when it would not work. People copy it into a shell: only plain names go in. */
function answerCall({ id, from }: ReceivedMessage): string | null {
  const sender = parseAddress(from);
  if (sender === null || sender.machine === "*" || !MessageId.safeParse(id).success) return null;
  const to = formatAddress(sender);
  return `photon send ${to.includes(" ") ? `"${to}"` : to} --reply-to ${id} "…"`;
}
