import { cleanLine } from "../../client/text/clean-text.ts";
import { counted, forCount } from "../../client/text/counted.ts";
import { formatBytes } from "../../client/text/handover-offer.ts";
import { fitting, withRest } from "../markdown.ts";
import { shortFolder } from "./known-repositories.ts";
import type { LocalRef } from "./local-refs.ts";
import type { PackedRepository, PackedWorktree, Parcel } from "./pack-everything.ts";

const MAX_LINES_CHARS = 4_000;
const MAX_IGNORED_CHARS = 120;
const MAX_LINE_CHARS = 300;

/** Everything that would be sent, in numbers. */
export interface Totals {
  readonly projects: number;
  readonly worktrees: number;
  readonly branches: number;
  readonly stashes: number;
  readonly bytes: number;
}

export function parcelsOf({ worktrees, refs }: PackedRepository): Parcel[] {
  return [...refs, ...worktrees].flatMap(({ parcel }) => parcel ?? []);
}

export function totalsOf(repositories: readonly PackedRepository[]): Totals {
  const sent = repositories.filter((each) => parcelsOf(each).length > 0);
  const refs = sent.flatMap((each) => each.refs.flatMap((some) => some.refs));
  const branches = refs.filter(({ kind }) => kind === "branch").length;
  return {
    projects: new Set(sent.map(({ project, root }) => project?.toLowerCase() ?? root)).size,
    worktrees: sent.flatMap((each) => each.worktrees.filter(({ parcel }) => parcel !== null)).length,
    branches,
    stashes: refs.length - branches,
    bytes: sent.flatMap(parcelsOf).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** "5 projects, 12 worktrees, 43 branches, 3 stashes, 3.1 MB" */
export function totalsText({ projects, worktrees, branches, stashes, bytes }: Totals): string {
  const counts = [
    counted(projects, "project"),
    ...(worktrees > 0 ? [counted(worktrees, "worktree")] : []),
    ...(branches > 0 ? [`${branches} ${forCount(branches, "branch", "branches")}`] : []),
    ...(stashes > 0 ? [`${stashes} ${forCount(stashes, "stash", "stashes")}`] : []),
  ];
  return [...counts, formatBytes(bytes)].join(", ");
}

/** Whether something would be lost: it is listed, travelling or not. Ignored files alone do not count. */
export function hasLosses({ worktrees, refs, left, troubles }: PackedRepository): boolean {
  return worktrees.length + refs.length + left.length + troubles.length > 0;
}

/** What would be lost if this machine were gone, by repository. Safe for a person's terminal. */
export function reportText(repositories: readonly PackedRepository[]): string {
  const losing = repositories.filter(hasLosses);
  if (losing.length === 0) {
    const where = counted(repositories.length, "repository");
    return `Nothing would be lost: everything in ${where} is committed and on a remote, as of the last fetch, and there are no stashes.`;
  }
  return ["Only this machine has:", ...losing.map(repositoryText)].join("\n\n");
}

function repositoryText({ project, root, worktrees, refs, left, ignored, troubles }: PackedRepository): string {
  const travelling = refs.flatMap((some) => some.refs);
  const branches = travelling.filter(({ kind }) => kind === "branch");
  const stashes = travelling.filter(({ kind }) => kind === "stash");
  const stays = [
    ...left.map(({ ref, why }) => `${refName(ref)}: ${why}`),
    ...worktrees.flatMap((worktree) => worktree.stays.map((line) => `${shortFolder(worktree.root)}: ${line}`)),
    ...(ignored.length === 0 ? [] : [ignoredLine(ignored)]),
  ];
  return [
    cleanLine(`${project ?? "no project"} (${root})`, MAX_LINE_CHARS),
    ...listed(worktrees.map((worktree) => `  ${worktreeLine(worktree)}`)),
    ...listed(branches.map((ref) => `  branch ${refName(ref)}, ${counted(ref.commits, "commit")}: ${ref.subject}`)),
    ...listed(stashes.map((ref) => `  stash ${ref.name}: ${ref.subject}`)),
    ...(stays.length === 0 ? [] : ["  stays on this machine:"]),
    ...listed(stays.map((line) => `    ${line}`)),
    ...(troubles.length === 0 ? [] : ["  not known or not carried:"]),
    ...listed(troubles.map((line) => `    ${line}`)),
  ].join("\n");
}

function worktreeLine({ root, branch, uncommitted, detached }: PackedWorktree): string {
  const what = [
    ...(uncommitted > 0 ? [`${counted(uncommitted, "uncommitted file")}`] : []),
    ...(detached > 0 ? [`${counted(detached, "commit")} on no branch`] : []),
  ];
  return `worktree ${shortFolder(root)}, ${branch ?? "no branch"}: ${what.join(", ")}`;
}

export function refName({ name, kind, calledHere }: LocalRef): string {
  if (kind === "stash") return `stash ${name}`;
  return calledHere === null ? name : `${name} (here: ${calledHere})`;
}

function ignoredLine(ignored: readonly string[]): string {
  const names = withRest(ignored, fitting(ignored, ", ", MAX_IGNORED_CHARS), (rest) => `and ${rest} more`);
  return `ignored by git: ${names.join(", ")}`;
}

function listed(lines: readonly string[]): string[] {
  const clean = lines.map((line) => `${/^ */.exec(line)?.[0] ?? ""}${cleanLine(line, MAX_LINE_CHARS)}`);
  return withRest(clean, fitting(clean, "\n", MAX_LINES_CHARS), (rest) => `  and ${rest} more`);
}
