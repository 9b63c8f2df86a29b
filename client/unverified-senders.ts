import { parseAddress } from "../contract/address.ts";
import type { UnreadSummary } from "../contract/api.ts";
import type { Paths } from "./paths.ts";
import { readPrivateJson, recordOf } from "./private-file.ts";

/**
 * The summary with a mark at every sender that has not joined: the bridge lets nobody speak for a machine that has, so the
 * others are who they say. Parsed by hand, for the hooks. A message's own signature is looked at when it is read.
 *
 * @returns the summary as it is on a machine that has not joined itself, and knows no list
 */
export function withUnverifiedMarked(summary: UnreadSummary, paths: Pick<Paths, "machineList">): UnreadSummary {
  const machines = recordOf(readPrivateJson(paths.machineList))?.machines;
  if (!Array.isArray(machines)) return summary;
  const joined = machines.flatMap((machine) => {
    const { name, formerNames, revokedAt } = recordOf(machine) ?? {};
    return revokedAt === null ? [name, formerNames].flat().map((each) => String(each).toLowerCase()) : [];
  });
  const groups = summary.groups.map((group) =>
    joined.includes((parseAddress(group.from)?.machine ?? "").toLowerCase())
      ? group
      : { ...group, from: `${group.from} (unverified)` },
  );
  return { ...summary, groups };
}
