import { addDeclined } from "../../client/mail/mail-log.ts";
import { goalLine } from "../../client/mail/sent-log.ts";
import { cleanText } from "../../client/text/clean-text.ts";
import { formatClock } from "../../client/text/format-age.ts";
import { addressName, wholeAddress } from "../../client/text/names.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { parseAddress } from "../../contract/address.ts";
import type { Answer } from "../../screens/answer.ts";
import { CommandFailed, UsageError } from "../../screens/failure.ts";
import { foreignText } from "../../screens/foreign-text.ts";
import { SHORT_ID_CHARS } from "../../screens/message-ids.ts";
import { sendScreen } from "../../screens/send.ts";
import type { CliContext } from "../context.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { isQueuedEnough } from "./sending.ts";

/** What `photon resume --decline` was given: words in any order, of which at most one is an id. */
export interface Declining {
  /** A message id or the beginning of one; undefined means the handover that `photon resume` would take. */
  readonly id: string | undefined;
  /** For the sender. */
  readonly why: string | undefined;
}

/**
 * Tells an id from a reason: `--decline 3f2a "why"`, `3f2a --decline "why"` and `--decline "why"` all work.
 *
 * @throws UsageError for two reasons, or two ids
 */
export function decliningOf(words: readonly string[]): Declining {
  const ids = words.filter(isId);
  const whys = words.filter((word) => !isId(word) && word.trim() !== "");
  if (ids.length > 1 || whys.length > 1)
    throw new UsageError('Write `photon resume --decline [id] ["why"]`, with the reason in quotes.');
  return { id: ids[0], why: whys[0] };
}

/** A word of hexadecimal digits without a number among them is more likely a word. */
function isId(word: string): boolean {
  return /^(?=.*\d)[0-9a-f-]{4,36}$/i.test(word);
}

/**
 * Tells a handover's sender in a reply that it was declined, and remembers that and marks it read, so that it is not offered
 * again here.
 *
 * @throws CommandFailed if it was resumed or declined here before
 */
export async function decline(context: CliContext, message: ReceivedMessage, why: string | undefined): Promise<Answer> {
  const { mailbox, session, paths } = context;
  const { id, from, timestamp } = message;
  const which = `the handover ${id.slice(0, SHORT_ID_CHARS)} from ${nameOf(message, context)}`;
  const resumedAt = mailbox.inbox.resumedHereAt(message);
  if (resumedAt !== null)
    throw new CommandFailed(
      "not_declined",
      `Not declined: ${which} was resumed on ${mailbox.config.machine} at ${formatClock(Date.parse(resumedAt), Date.now())}.`,
    );
  if (mailbox.inbox.isDeclinedHere(message))
    throw new CommandFailed(
      "not_declined",
      `Not declined again: ${which} was declined on ${mailbox.config.machine} before.`,
    );
  const sender = parseAddress(from);
  if (sender === null || sender.machine === "*") throw new UsageError("The sender has an unusable name.");
  const when = formatClock(Date.parse(timestamp), Date.now());
  const reply = await sendScreen(context, {
    to: from,
    content: `${mailbox.config.machine} declined your handover of ${when}${why === undefined ? ", without a reason." : `: ${why}`}`,
    replyTo: id,
    isQueuedEnough: isQueuedEnough(context, {}),
    author: isInteractive() && session === null ? "person" : "agent",
  });
  addDeclined(paths, id);
  const marking = await mailbox.receipts.markRead([id]);
  const later = marking.state === "kept" ? " The bridge does not know this yet; Photon will retry." : "";
  return {
    ...reply,
    text: [`Declined ${which}. It is not offered here any more.${later}`, goalOf(message, context), reply.text]
      .filter((line) => line !== "")
      .join("\n"),
    json: { declined: id, from, goal: goalLine(cleanText(message.content)), why: why ?? null, reply: reply.json },
  };
}

function nameOf({ from }: ReceivedMessage, { isForClaude, config }: CliContext): string {
  return isForClaude ? addressName(from, config.project) : wholeAddress(from);
}

/** What was declined. The sender chose the words. */
function goalOf({ content }: ReceivedMessage, context: CliContext): string {
  const goal = goalLine(cleanText(content));
  return goal === "" ? "" : foreignText(context, "goal", `  ${goal}`);
}
