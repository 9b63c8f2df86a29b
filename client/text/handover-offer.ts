import { counted } from "./counted.ts";
import { formatAgo } from "./format-age.ts";
import type { HandedOver, TellableGroup } from "./tellable-mail.ts";

/**
 * The unread handover to resume, in one line: "from mac/photon, 2 h ago, 12 files, with capsule (34 KB), and 1 more
 * (/photon:resume --list)". It can be opened here; the newest with a capsule comes before any without. The branch is left
 * out because the sender chose its name; it is shown with the handover, inside the fence.
 *
 * @param groups - newest first
 * @param now - milliseconds since 1970
 */
export function handoverOffer(groups: readonly TellableGroup[], now: number): string | null {
  const handovers = groups.filter(({ kind, isClosed }) => kind === "handover" && !isClosed);
  const all = handovers.flatMap(({ sender, latest, withCapsule }) =>
    [latest, ...(withCapsule ? [withCapsule] : [])].map((message) => ({ sender, ...message })),
  );
  all.sort((a, b) => Number(a.timestamp < b.timestamp) - Number(a.timestamp > b.timestamp));
  const offered = all.find(({ work }) => work?.capsule) ?? all[0];
  if (offered === undefined) return null;
  const { sender, timestamp, work, takenBy } = offered;
  const more = handovers.reduce((sum, { unread }) => sum + unread, 0) - 1;
  return [
    `from ${sender}`,
    formatAgo(Date.parse(timestamp), now),
    ...(work ? [counted(work.files, "file"), capsuleText(work)] : []),
    ...(takenBy === undefined ? [] : [`already resumed by ${takenBy}`]),
    ...(more > 0 ? [`and ${more} more (/photon:resume --list)`] : []),
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

/** What a line of a list has room for. */
