import type { Mailbox } from "../../client/mail/mailbox.ts";
import { isOpened, type ReceivedMessage } from "../../client/trust/origin.ts";
import { isSameName } from "../../contract/address.ts";
import { MAX_PAGE } from "../../contract/message.ts";
import { EVERYTHING } from "./send-everything.ts";

/** More handovers with work than one person leaves within the 14 days for which the bridge keeps capsules. */
const MAX_PAGES = 10;

/**
 * The handovers with a capsule that this machine has not resumed, in any project, oldest first: the unread ones, and those
 * of `photon handover --all` even if they were read. Leaves out what cannot be opened here, and what this machine left
 * itself.
 *
 * @throws PhotonError if the bridge cannot be asked
 */
export async function openHandovers({ inbox, receipts, config }: Mailbox): Promise<ReceivedMessage[]> {
  const open: ReceivedMessage[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && (page === 0 || cursor !== undefined); page++) {
    const query = { kind: "handover", limit: String(MAX_PAGE), ...(cursor !== undefined && { cursor }) } as const;
    const listed = await inbox.list(query, config.machine); // without a project: those of every one
    const resumedHere = receipts.readHere;
    open.push(
      ...listed.messages.filter(
        (message) =>
          message.work?.capsule !== undefined &&
          isOpened(message) &&
          !inbox.isLeftHere(message) &&
          !resumedHere.has(message.id) &&
          (!message.read || (message.tags.includes(EVERYTHING) && !wasResumedBy(message, config.machine))),
      ),
    );
    cursor = listed.cursor;
  }
  return open.reverse();
}

function wasResumedBy({ receipts = [] }: ReceivedMessage, machine: string): boolean {
  return receipts.some((receipt) => isSameName(receipt.machine, machine) && receipt.takenAt !== undefined);
}
