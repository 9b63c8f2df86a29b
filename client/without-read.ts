import type { UnreadSummary } from "../contract/api.ts";

/**
 * The summary without messages that were marked read here and that the bridge may not know of yet. A summary names only the
 * newest message of each group, so an older one in a group is still counted until the bridge was told.
 */
export function withoutRead(summary: UnreadSummary, read: ReadonlySet<string>): UnreadSummary {
  const isRead = (group: UnreadSummary["groups"][number]) => read.has(group.latest.id);
  const counted = summary.groups.filter(isRead);
  if (counted.length === 0) return summary;
  return {
    ...summary,
    unread: summary.unread - counted.length,
    handovers: summary.handovers - counted.filter(({ kind }) => kind === "handover").length,
    groups: summary.groups.flatMap((group) => {
      if (!isRead(group)) return [group];
      return group.unread > 1 ? [{ ...group, unread: group.unread - 1 }] : [];
    }),
  };
}
