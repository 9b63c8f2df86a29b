import { fetchUnread } from "../client/bridge/fetch-unread.ts";
import { isForeignAnswer } from "../client/bridge/own-answer.ts";
import { PhotonError } from "../client/bridge/photon-error.ts";
import { withoutLeftHere } from "../client/bridge/without-left-here.ts";
import type { BridgeSummary } from "../client/text/tellable-mail.ts";

/** `foreign`: a sign-in page, a proxy or the like answered. `key`: the bridge refuses this machine's key. */
export type Trouble = "key" | "unusable" | "foreign" | "unreachable";

/** {@link fetchUnread}, without what this machine left, for a hook in another bundle, which would not know the class of its errors. */
export async function askBridge(
  wasKilled: (session: string) => boolean,
  ...asked: Parameters<typeof fetchUnread>
): Promise<BridgeSummary | Trouble> {
  try {
    return withoutLeftHere(await fetchUnread(...asked), wasKilled);
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    if (error.code === "unauthorized") return "key";
    if (error.code !== "offline") return "unusable";
    return isForeignAnswer(error) ? "foreign" : "unreachable";
  }
}
