import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { isOpened, type ReceivedMessage } from "../../client/trust/origin.ts";
import { MessageId } from "../../contract/message.ts";

export interface HandoverQuery {
  /** A message id; by default the first of {@link listHandovers} that was not declined here. */
  readonly id?: string | undefined;
  /** Only from this machine, or machine and project. */
  readonly from?: string | undefined;
  /** The session that asks. Its own handover is skipped. */
  readonly session: string | null;
}

/** So many handovers are fetched and opened at once, and at most so many times. */
const PAGE = 20;
const MAX_PAGES = 25;

/**
 * Finds the handover to resume: the one with the given id, else the first of {@link listHandovers} that was not declined here.
 * One that cannot be opened is never resumed: what it carries is not known.
 *
 * @throws PhotonError `not_found` for an unknown id, `invalid_request` for a message of another kind or one that cannot be
 *   opened
 */
export async function findHandover(mailbox: Mailbox, query: HandoverQuery): Promise<ReceivedMessage | null> {
  if (query.id !== undefined) {
    const message = await mailbox.inbox.get(query.id);
    if (message.kind !== "handover")
      throw new PhotonError("invalid_request", `The message ${message.id} is a ${message.kind}, not a handover.`);
    if (!isOpened(message)) throw cannotOpen(message);
    return message;
  }
  const [first] = await listHandovers(mailbox, query);
  if (first === undefined || mailbox.inbox.isDeclinedHere(first)) return null; // declined ones are last
  if (!isOpened(first)) throw cannotOpen(first);
  return first;
}

/**
 * The handovers for this project, the one to resume first, and those that were declined here last: one that can be opened
 * before one that cannot, unread before read, one that was not resumed here before one that was, one with work (a capsule) before one without, the newest first.
 * All unread ones, and the newest that were read. One that this machine left itself is listed only under this machine's own name,
 * unless its session was killed.
 */
export async function listHandovers(
  mailbox: Mailbox,
  { from, session }: Omit<HandoverQuery, "id">,
): Promise<ReceivedMessage[]> {
  const { inbox } = mailbox;
  const isWanted = (message: ReceivedMessage) =>
    (session === null || message.session !== session) && (from !== undefined || !inbox.isLeftHere(message));
  const asked = from === undefined ? {} : { from };
  const unread = await search(mailbox, { ...asked, unread: "true" }, isWanted, Number.POSITIVE_INFINITY);
  const known = new Set(unread.map(({ id }) => id));
  const read = await search(mailbox, asked, (message) => !known.has(message.id) && isWanted(message), 1);
  const all = [...unread, ...read];
  const declined = new Set(all.filter((message) => inbox.isDeclinedHere(message)));
  // Sorting is stable, and the bridge gives the newest first.
  return all.sort((a, b) => rank(a) - rank(b));

  function rank(message: ReceivedMessage): number {
    const facts = [
      declined.has(message),
      !isOpened(message),
      !known.has(message.id),
      inbox.isResumedHere(message),
      message.work?.capsule === undefined,
    ];
    return facts.reduce((sum, fact) => 2 * sum + Number(fact), 0);
  }
}

/** @param enough - stops after a page with which so many are found that were not declined here */
async function search(
  mailbox: Mailbox,
  query: { readonly from?: string; readonly unread?: "true" },
  isWanted: (message: ReceivedMessage) => boolean,
  enough: number,
): Promise<ReceivedMessage[]> {
  const found: ReceivedMessage[] = [];
  let offered = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && offered < enough; page++) {
    const more = cursor === undefined ? {} : { cursor };
    const answer = await mailbox.inbox.list({ kind: "handover", limit: String(PAGE), ...query, ...more });
    const wanted = answer.messages.filter(isWanted);
    found.push(...wanted);
    offered += wanted.filter((message) => !mailbox.inbox.isDeclinedHere(message)).length;
    cursor = answer.cursor;
    if (cursor === undefined) break;
  }
  return found;
}

/** The reasons are our own text. */
function cannotOpen({ id, origin: { state, remarks } }: ReceivedMessage): PhotonError {
  const what = state === "forged" ? "is forged" : "cannot be opened here";
  return new PhotonError(
    "invalid_request",
    `Not resumed, nothing was changed: the handover ${MessageId.safeParse(id).data ?? "with an unusable id"} ${what} (${remarks.join(", ")}).`,
  );
}
