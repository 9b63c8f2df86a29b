import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { counted, forCount } from "../../client/text/counted.ts";
import type { GitFacts } from "../git/facts-from-git.ts";
import { code, fitting, withRest } from "../markdown.ts";
import { shownPath } from "./shown-path.ts";

const MAX_NAME_CHARS = 50;
const MAX_NAMED_CHARS = 75;
const MAX_REMOTE_CHARS = 70;

/**
 * Describes the state in git in one line of whole sentences.
 *
 * @param home - the home folder, which is not named: a remote may be a folder in it
 */
export function gitLine(git: GitFacts, home: string): string {
  return [
    position(git),
    ...relation(git),
    ...(git.inProgress === null ? [] : [`A ${git.inProgress} is in progress.`]),
    ...named("In conflict", git.conflicts),
    ...changes(git),
    ...named("Changed submodules", git.submodules),
    ...(git.isLinkedWorktree ? ["In a linked worktree."] : []),
    git.remote === null ? "No remote." : `Remote ${code(shownRemote(git.remote.url, home), MAX_REMOTE_CHARS)}.`,
  ].join(" ");
}

/** A remote's address; a folder as a reader on another machine reads it. */
function shownRemote(url: string, home: string): string {
  return shownPath(url.replace(/^file:\/\/(?=\/)/, ""), [], home);
}

function position({ branch, head }: GitFacts): string {
  const where = branch === null ? "No branch (detached HEAD)" : `Branch ${code(branch, MAX_NAME_CHARS)}`;
  if (head === null) return `${where}, no commits yet.`;
  const subject = clip(inOneLine(head.subject), MAX_NAME_CHARS);
  return `${where}, at ${head.commit.slice(0, 10)}${subject && `, “${subject}”`}.`;
}

function relation({ branch, upstream, unpushed, remote, head }: GitFacts): string[] {
  if (head === null || remote === null) return [];
  const of = upstream && code(upstream.name, MAX_NAME_CHARS);
  if (upstream && (upstream.ahead > 0 || upstream.behind > 0)) {
    const parts = [
      ...(upstream.ahead > 0 ? [`${upstream.ahead} ahead of`] : []),
      ...(upstream.behind > 0 ? [`${upstream.behind} behind`] : []),
    ];
    return [`${parts.join(" and ")} ${of} at the last fetch.`];
  }
  if (unpushed.length === 0)
    return [branch === null ? "This commit is pushed." : "All commits of this branch are pushed."];
  const to = code(remote.name, MAX_NAME_CHARS);
  return [`${counted(unpushed.length, "commit")} ${forCount(unpushed.length, "is", "are")} not pushed to ${to}.`];
}

function changes({ uncommitted, untracked }: GitFacts): string[] {
  if (uncommitted.length + untracked.length === 0) return ["No uncommitted changes."];
  return [...named("Uncommitted", uncommitted), ...named("Untracked", untracked)];
}

/** "Uncommitted: `a`, `b` and 3 more." */
function named(what: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const names = paths.map((path) => code(path, MAX_NAME_CHARS));
  const [...shown] = fitting(names, ", ", MAX_NAMED_CHARS);
  const rest = withRest(names, shown, (left) => ` and ${left} more`)
    .slice(shown.length)
    .join("");
  return [`${what}: ${shown.join(", ")}${rest}.`];
}
