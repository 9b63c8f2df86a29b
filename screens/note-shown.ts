import { PhotonError } from "../client/bridge/photon-error.ts";
import { isDiskError } from "../client/disk/disk-error.ts";
import type { Mailbox } from "../client/mail/mailbox.ts";
import { isOpened, type ReceivedMessage } from "../client/trust/origin.ts";
import { isBroadcast } from "../contract/address.ts";

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
export async function sendReceipts(receipts: Mailbox["receipts"]): Promise<void> {
  try {
    await receipts.flushOlder(0);
  } catch (error) {
    if (!(error instanceof PhotonError || isDiskError(error))) throw error;
  }
}
