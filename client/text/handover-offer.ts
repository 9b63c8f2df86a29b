import { counted } from "./counted.ts";
import { formatAgo } from "./format-age.ts";
import type { HandedOver, TellableGroup } from "./tellable-mail.ts";

/**
 * The newest unread handover that can be opened here, in one line: "from mac/photon, 2 h ago, 12 files, with capsule (34 KB)". The branch is left
 * out because the sender chose its name; it is shown with the handover, inside the fence.
 *
 * @param groups - newest first
 * @param now - milliseconds since 1970
 */
export function handoverOffer(groups: readonly TellableGroup[], now: number): string | null {
  const newest = groups.find(({ kind, isClosed }) => kind === "handover" && !isClosed);
  if (!newest) return null;
  const { timestamp, work, takenBy } = newest.latest;
  return [
    `from ${newest.sender}`,
    formatAgo(Date.parse(timestamp), now),
    ...(work ? [counted(work.files, "file"), capsuleText(work)] : []),
    ...(takenBy === undefined ? [] : [`already resumed by ${takenBy}`]),
  ].join(", ");
}

function capsuleText({ capsule }: HandedOver): string {
  return capsule === undefined ? "no capsule" : `with capsule (${formatBytes(capsule.bytes)})`;
}

/** "34 KB", "1.2 MB". Rounds up. */
export function formatBytes(bytes: number): string {
  const kilobytes = Math.ceil(bytes / 1024);
  return kilobytes < 1024 ? `${kilobytes} KB` : `${(Math.ceil((bytes / 1024 / 1024) * 10) / 10).toFixed(1)} MB`;
}
