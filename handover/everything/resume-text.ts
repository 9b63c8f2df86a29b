import { cleanLine } from "../../client/text/clean-text.ts";
import { counted, forCount } from "../../client/text/counted.ts";
import { formatClock } from "../../client/text/format-age.ts";
import { MessageId } from "../../contract/message.ts";
import type { AppliedBefore } from "../capsule/applied-before.ts";
import type { PlacedRef } from "../capsule/apply/place-refs.ts";
import { fitting, withRest } from "../markdown.ts";
import { countsOf } from "../resume/dry-run-text.ts";
import type { Resumed, ResumePlan } from "./resume-everything.ts";

const MAX_NAMES_CHARS = 2_000;
const MAX_LINE_CHARS = 300;
const SHORT_ID_CHARS = 8;

/** What `photon resume --all` would do, one handover after another. For a person's terminal: names are the sender's. */
export function resumeReport(plans: readonly ResumePlan[]): string {
  return plans.map((plan) => [headOf(plan), ...bodyOf(plan).map((line) => `  ${line}`)].join("\n")).join("\n\n");
}

/** "mac, photon, feature-x (14:02, id 3f2a9c1d)": where the work comes from, and which handover has it. */
export function headOf({ machine, message: { id, timestamp, project, work } }: ResumePlan): string {
  const origin = [machine, project ?? "no project", ...(work?.branch ? [work.branch] : [])].join(", ");
  const shortId = MessageId.safeParse(id).success ? id.slice(0, SHORT_ID_CHARS) : "unusable";
  return `${cleanLine(origin, MAX_LINE_CHARS)} (${formatClock(Date.parse(timestamp), Date.now())}, id ${shortId})`;
}

function bodyOf(plan: ResumePlan): string[] {
  if (plan.state !== "ready") return [cleanLine(plan.why, 2 * MAX_LINE_CHARS)];
  const { root, plan: change } = plan;
  if (change.work !== null) {
    const { files, runsByItself, before } = change.work;
    if (before !== null) return [hereText(before)];
    return [`${countsOf(files)} into a new folder and branch of ${root}`, ...byItself(runsByItself)];
  }
  return [`into ${root}:`, ...placedLines(change.refs.refs), ...byItself(change.refs.runsByItself)];
}

function placedLines(refs: readonly PlacedRef[]): string[] {
  const lines = refs.filter(({ kind }) => kind === "branch").map(branchLine);
  const stashes = refs.filter(({ kind }) => kind === "stash");
  const here = stashes.filter(({ isHere }) => isHere).length;
  const fresh = stashes.length - here;
  return [
    ...withRest(lines, fitting(lines, "\n", MAX_NAMES_CHARS), (rest) => `and ${rest} more branches`),
    ...(fresh > 0 ? [`${fresh} new ${forCount(fresh, "stash", "stashes")}`] : []),
    ...(here > 0 ? [`${here} ${forCount(here, "stash is", "stashes are")} already here`] : []),
  ];
}

function branchLine({ name, as, isHere, isUnborn }: PlacedRef): string {
  const why = isUnborn
    ? "that branch is checked out here, without a commit"
    : "that name is taken or means something else here";
  const other = as === name ? "" : ` as ${cleanLine(as)}, because ${why}`;
  return isHere ? `branch ${cleanLine(name)} is already here` : `new branch ${cleanLine(name)}${other}`;
}

function byItself(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const names = paths.map((path) => cleanLine(path));
  const shown = withRest(names, fitting(names, ", ", MAX_NAMES_CHARS), (rest) => `and ${rest} more`);
  return [`tools run or obey on their own, look first: ${shown.join(", ")}`];
}

/** What was done, with the command that undoes it on a line of its own. */
export function resumedText(plan: ResumePlan, { refs, work, before }: Resumed): string {
  if (before !== null) return `${headOf(plan)}: ${hereText(before)}`;
  const { undo } = refs ?? work;
  return [
    `${headOf(plan)}: ${refs === null ? `in ${work.folder}, branch ${work.branch}` : addedText(refs.refs)}`,
    ...(refs === null ? [] : refs.refs.flatMap(unbornLine)),
    ...(undo === null ? [] : ["To undo it, run:", `  ${undo}`]),
  ].join("\n");
}

function hereText({ folder, branch }: AppliedBefore): string {
  return `already here, in ${folder}, branch ${branch}`;
}

/** Photon checks nothing out where someone works: the person starts from the branch themselves. */
function unbornLine({ name, as, isUnborn }: PlacedRef): string[] {
  if (!isUnborn) return [];
  return [
    `Its ${cleanLine(name)} is here as ${cleanLine(as)}. To get its files, run \`git merge ${cleanLine(as)}\` on ${cleanLine(name)}.`,
  ];
}

function addedText(refs: readonly PlacedRef[]): string {
  const fresh = refs.filter(({ isHere }) => !isHere);
  const branches = fresh.filter(({ kind }) => kind === "branch").length;
  const stashes = fresh.length - branches;
  if (fresh.length === 0) return "everything was already here";
  return [
    ...(branches > 0 ? [`${branches} new ${forCount(branches, "branch", "branches")}`] : []),
    ...(stashes > 0 ? [`${stashes} new ${forCount(stashes, "stash", "stashes")}`] : []),
    ...(refs.length > fresh.length ? [`${counted(refs.length - fresh.length, "other")} already here`] : []),
  ].join(", ");
}
