import type { Paths } from "../../client/disk/paths.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { formatClock } from "../../client/text/format-age.ts";
import type { AppliedBefore } from "../capsule/applied-before.ts";
import { resumedHere } from "./resumed-here.ts";

const MAX_LINE_CHARS = 600;

/**
 * Says that a handover's work is here already, before it is offered again.
 *
 * @param before - the folder that has the same work, perhaps from another handover
 * @returns a sentence; null if it was not resumed here, or was undone since
 */
export function resumedBeforeText(
  paths: Pick<Paths, "log">,
  id: string,
  before: AppliedBefore | null,
  now: number = Date.now(),
): string | null {
  const work = resumedHere(paths).findLast((each) => each.id === id && !each.isUndone);
  if (work !== undefined) {
    const branch = work.branch === null ? "" : `, branch ${work.branch}`;
    return cleanLine(`You resumed this at ${formatClock(work.at, now)}, in ${work.folder}${branch}.`, MAX_LINE_CHARS);
  }
  if (before === null) return null;
  return cleanLine(`The same work is already here, in ${before.folder}, branch ${before.branch}.`, MAX_LINE_CHARS);
}
