import type { Paths } from "../client/paths.ts";
import { withUnverifiedMarked } from "../client/unverified-senders.ts";
import { parseAddress } from "../contract/address.ts";
import type { UnreadSummary } from "../contract/api.ts";

/**
 * The summary with every sender that is no address replaced, and every one marked that has not joined. Counts are told
 * outside any fence, so nothing in them may be free text; the bridge only takes addresses, but what answers might not be it.
 *
 * @param paths - where this machine knows who joined; without them nobody is marked
 */
export function withKnownSenders(summary: UnreadSummary, paths?: Paths): UnreadSummary {
  const groups = summary.groups.map((group) =>
    parseAddress(group.from) === null ? { ...group, from: "an unnamed machine" } : group,
  );
  const named = { ...summary, groups };
  return paths === undefined ? named : withUnverifiedMarked(named, paths);
}
