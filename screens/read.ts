import { PhotonError } from "../client/bridge/photon-error.ts";
import { isDiskError } from "../client/disk/disk-error.ts";
import type { Mailbox } from "../client/mail/mailbox.ts";
import { receivers } from "../client/mail/sent-status.ts";
import { counted, forCount } from "../client/text/counted.ts";
import { isOpened, type ReceivedMessage } from "../client/trust/origin.ts";
import { isBroadcast } from "../contract/address.ts";
import { MAX_IDS_PER_REQUEST, MESSAGE_KINDS } from "../contract/constants.ts";
import { MessageId } from "../contract/message.ts";
import type { Answer } from "./answer.ts";
import { failureOf, UsageError } from "./failure.ts";
import { fullIds, listUpTo } from "./message-ids.ts";
import { messageText } from "./message-text.ts";
import type { Viewer } from "./viewer.ts";

/** Whole messages. They are marked read once they are printed, unless `isKept`. @param given - ids or beginnings of ids */
export async function readScreen(viewer: Viewer, given: readonly string[], isKept: boolean): Promise<Answer> {
  const { mailbox, paths } = viewer;
  if (given.length > MAX_IDS_PER_REQUEST) throw new UsageError(`At most ${MAX_IDS_PER_REQUEST} messages at a time.`);
  const ids = await fullIds(viewer, given);
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
    text: messages.map((message) => messageText(message, viewer, machines, Date.now())).join("\n\n"),
    json: { messages, marked: 0, ...(problem !== null && { error: problem, code: problems[0]?.code }) },
    warnings: problems.map(({ sentence }) => sentence),
    exitCode: problem === null ? 0 : 1,
    whenPrinted: () => finish(viewer, messages, isKept, problem),
  };
}

/** Marks messages read without showing them. @param given - ids or beginnings of ids */
export async function doneScreen(viewer: Viewer, given: readonly string[]): Promise<Answer> {
  if (given.length > MAX_IDS_PER_REQUEST) throw new UsageError(`At most ${MAX_IDS_PER_REQUEST} messages at a time.`);
  const ids = await fullIds(viewer, given);
  return marked(await mark(viewer.mailbox, ids), `${counted(ids.length, "message")} marked read.`, ids.length);
}

/** More messages than a person ever leaves unread. */
const MAX_DONE = 5_000;

/** Marks every unread message read that `photon inbox` would list, without showing it. */
export async function allDoneScreen(viewer: Viewer): Promise<Answer> {
  const { mailbox, session } = viewer;
  const query = { unread: "true", ...(session === null ? {} : { session }) } as const;
  const { messages } = await listUpTo(mailbox, query, MAX_DONE);
  // The bridge counts those too whose text it cannot read now; they stay unread, because nobody could read them.
  if (messages.length === 0) return { text: `No unread messages for ${mailbox.self}.`, json: { marked: 0 } };
  const ids = messages.flatMap(({ id }) => MessageId.safeParse(id).data ?? []);
  let kept: string | null = null;
  for (let at = 0; at < ids.length; at += MAX_IDS_PER_REQUEST) {
    kept = (await mark(mailbox, ids.slice(at, at + MAX_IDS_PER_REQUEST))) ?? kept;
  }
  const kinds = MESSAGE_KINDS.map((kind) => ({ kind, count: messages.filter((each) => each.kind === kind).length }));
  const what = kinds.filter(({ count }) => count > 0).map(({ kind, count }) => counted(count, kind));
  return marked(kept, `${counted(ids.length, "message")} marked read: ${what.join(", ")}.`, ids.length);
}

/** @returns why the bridge does not know it yet, or null if it does */
async function mark({ receipts }: Mailbox, ids: readonly string[]): Promise<string | null> {
  const marking = await receipts.markRead(ids);
  return marking.state === "marked" ? null : marking.reason;
}

function marked(kept: string | null, text: string, count: number): Answer {
  if (kept === null) return { text, json: { marked: count } };
  const warnings = [`The bridge does not know this yet; Photon will retry. ${kept}`];
  return { text, json: { marked: count, kept }, warnings };
}

/** Sends receipts: the messages were shown and, unless they are kept unread, read. Skips those for other machines or closed here. */
async function finish(
  { mailbox, style }: Viewer,
  messages: readonly ReceivedMessage[],
  isKept: boolean,
  problem: string | null,
): Promise<Answer | null> {
  const own = messages.filter((message) => isOpened(message) && mailbox.inbox.isForHere(message));
  mailbox.receipts.noteShown(own.map(({ id }) => id));
  const unread = own.filter(({ read }) => !read);
  if (isKept || unread.length === 0) {
    if (own.length > 0) await sendReceipts(mailbox.receipts);
    return null;
  }
  try {
    const kept = await mark(
      mailbox,
      unread.map(({ id }) => id),
    );
    const count = unread.length;
    return marked(kept, style.dim(`\n${forCount(count, "Marked read.", `${count} marked read.`)}`), count);
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

/**
 * Records that a list showed the whole text of messages to a person, and tells the bridge. Call it after the list was
 * printed. Leaves out messages for other machines, those that cannot be opened here, and this machine's own broadcasts.
 */
export async function noteListed({ inbox, receipts }: Mailbox, messages: readonly ReceivedMessage[]): Promise<void> {
  const shown = messages.filter(
    (message) =>
      isOpened(message) && inbox.isForHere(message) && !(isBroadcast(message.to) && inbox.isFromHere(message)),
  );
  if (shown.length === 0) return;
  receipts.noteShown(shown.map(({ id }) => id));
  await sendReceipts(receipts);
}

/** Sends the receipts that wait here. If that fails, they keep waiting. */
async function sendReceipts(receipts: Mailbox["receipts"]): Promise<void> {
  try {
    await receipts.flushOlder(0);
  } catch (error) {
    if (!(error instanceof PhotonError || isDiskError(error))) throw error;
  }
}
