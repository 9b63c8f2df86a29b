import { parseAddress } from "../contract/address.ts";
import type { UnreadSummary } from "../contract/api.ts";

/**
 * The summary with every sender that is no address replaced. Counts are told outside any fence, so nothing in them may be
 * free text; the bridge only takes addresses, but what answers might not be it.
 */
export function withKnownSenders(summary: UnreadSummary): UnreadSummary {
  const groups = summary.groups.map((group) =>
    parseAddress(group.from) === null ? { ...group, from: "an unnamed machine" } : group,
  );
  return { ...summary, groups };
}
