import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";

export interface Wanted {
  /** A message id; without one the newest handover for this project. */
  readonly id?: string | undefined;
  /** Only from this machine, or machine and project. */
  readonly from?: string | undefined;
  /** The session that asks: its own handover is none for it. */
  readonly session: string | null;
}

/** The newest unread one is looked for among this many. */
const MAX_LOOKED_AT = "20";

/**
 * The handover that somebody wants to resume: the named one, else the newest that waits, else the newest.
 *
 * @returns null when there is none
 * @throws PhotonError `not_found` for an id the bridge does not have, `invalid_request` for a message of another kind
 */
export async function findHandover(mailbox: Mailbox, { id, from, session }: Wanted): Promise<ReceivedMessage | null> {
  if (id !== undefined) {
    const message = await mailbox.inbox.get(id);
    if (message.kind === "handover") return message;
    throw new PhotonError("invalid_request", `The message ${message.id} is a ${message.kind}, not a handover.`);
  }
  const query = { kind: "handover", limit: MAX_LOOKED_AT, ...(from !== undefined && { from }) } as const;
  for (const state of [{ unread: "true" } as const, {}]) {
    const { messages } = await mailbox.inbox.list({ ...query, ...state });
    const newest = messages.find((message) => session === null || message.session !== session);
    if (newest) return newest;
  }
  return null;
}
