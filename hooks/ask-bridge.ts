import { fetchUnread } from "../client/bridge/fetch-unread.ts";
import { isForeignAnswer } from "../client/bridge/own-answer.ts";
import { PhotonError } from "../client/bridge/photon-error.ts";
import { announceAtStart, announceNew, unreadFor } from "../client/text/announcement.ts";
import { counted, forCount } from "../client/text/counted.ts";
import { type BridgeSummary, tellable } from "../client/text/tellable-mail.ts";

/** `foreign`: a sign-in page, a proxy or the like answered. `key`: the bridge refuses this machine's key. */
export type Trouble = "key" | "unusable" | "foreign" | "unreachable";

/** {@link fetchUnread} for a hook in another bundle, which would not know the class of its errors. */
export async function askBridge(...asked: Parameters<typeof fetchUnread>): Promise<BridgeSummary | Trouble> {
  try {
    return await fetchUnread(...asked);
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    if (error.code === "unauthorized") return "key";
    if (error.code !== "offline") return "unusable";
    return isForeignAnswer(error) ? "foreign" : "unreachable";
  }
}

/** What to say of unread mail, and how many messages it is. @param told - what the session was told before; null: nothing */
export function newsIn(
  mail: BridgeSummary,
  paths: Parameters<typeof tellable>[1],
  config: Parameters<typeof tellable>[2],
  { session, told }: { readonly session: string | null; readonly told: Parameters<typeof announceNew>[2] | null },
) {
  const summary = tellable(mail, paths, config);
  return {
    announcement: told === null ? announceAtStart(summary, session) : announceNew(summary, session, told),
    unread: unreadFor(summary, session),
  };
}

/** @param waiting - how many messages wait on this machine */
export function troubleLine(trouble: Trouble, waiting: number): string {
  if (trouble === "key") return "Photon: the bridge does not accept this machine's key. Run `photon doctor`.";
  if (trouble === "unusable") return "Photon: the bridge gave no usable answer. Run `photon doctor`.";
  const what =
    trouble === "foreign"
      ? "something else answered in place of the bridge (perhaps the network needs a sign-in)"
      : "the bridge cannot be reached";
  const messages = `${counted(waiting, "message")} ${forCount(waiting, "waits", "wait")}`;
  return `Photon: ${what}${waiting === 0 ? "" : `; ${messages} on this machine`}.`;
}
