import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { isOpened, type ReceivedMessage } from "../../client/trust/origin.ts";
import { MessageId } from "../../contract/message.ts";

export interface HandoverQuery {
  /** A message id; by default the newest handover for this project. */
  readonly id?: string | undefined;
  /** Only from this machine, or machine and project. */
  readonly from?: string | undefined;
  /** The session that asks. Its own handover is skipped. */
  readonly session: string | null;
}

/** How many handovers are searched. */
const MAX_SEARCHED = "20";

/**
 * Finds the handover to resume: the one with the given id, else the newest unread one, else the newest. One that
 * cannot be opened here is never resumed: what it carries is not known. One that this machine left itself is found only by its id or by this machine's name, unless its session was killed.
 *
 * @throws PhotonError `not_found` for an unknown id, `invalid_request` for a message of another kind or one that cannot be
 *   opened
 */
export async function findHandover(
  mailbox: Mailbox,
  { id, from, session }: HandoverQuery,
): Promise<ReceivedMessage | null> {
  if (id !== undefined) {
    const message = await mailbox.inbox.get(id);
    if (message.kind !== "handover")
      throw new PhotonError("invalid_request", `The message ${message.id} is a ${message.kind}, not a handover.`);
    if (!isOpened(message)) throw cannotOpen(message);
    return message;
  }
  const query = { kind: "handover", limit: MAX_SEARCHED, ...(from !== undefined && { from }) } as const;
  let closed: ReceivedMessage | undefined;
  for (const state of [{ unread: "true" } as const, {}]) {
    const { messages } = await mailbox.inbox.list({ ...query, ...state });
    const wanted = messages.filter(
      (message) =>
        (session === null || message.session !== session) && (from !== undefined || !mailbox.inbox.isLeftHere(message)),
    );
    const newest = wanted.find(isOpened);
    if (newest) return newest;
    closed ??= wanted[0];
  }
  if (closed) throw cannotOpen(closed);
  return null;
}

/** The reasons are our own text. */
function cannotOpen({ id, origin: { state, remarks } }: ReceivedMessage): PhotonError {
  const what = state === "forged" ? "is forged" : "cannot be opened here";
  return new PhotonError(
    "invalid_request",
    `Not resumed, nothing was changed: the handover ${MessageId.safeParse(id).data ?? "with an unusable id"} ${what} (${remarks.join(", ")}).`,
  );
}
