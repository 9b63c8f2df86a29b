import { withoutOptions } from "./programs.ts";
import { type SimpleCommand, simpleCommands } from "./simple-commands.ts";

/** A commit that the session made. */
export interface Commit {
  /** As git printed it; null if it printed none. */
  readonly id: string | null;
  readonly subject: string;
}

/** What came of a command line in git. */
export interface GitOutcome {
  readonly commits: readonly Commit[];
  /** Whether the first commit replaces the last one. */
  readonly amends: boolean;
  /** How many of the last commits it undid. */
  readonly undone: number;
  /** Where it pushed to: `origin/main`. */
  readonly pushes: readonly string[];
  /** The addresses of pull requests it opened. */
  readonly pullRequests: readonly string[];
}

const VERB = /\b(?:push|cherry-pick|revert|reset|merge|am)\b/;
const MATTERS = /\b(?:gh|glab|hub|tea)\s+(?:pr|mr|pull-request|pulls?)\b|\bcommit\b/;

/** Whether the output of a command must be read for its outcome in git. */
export function mayChangeGit(line: string): boolean {
  const afterGit = line.split("\n").map((each) => /\bgit\b(.*)/s.exec(each)?.[1] ?? "");
  return MATTERS.test(line) || afterGit.some((words) => VERB.test(words));
}

const COMMITTED = /^\[(?:.+ )?([0-9a-f]{7,40})\] (.+)$/gm;
const PUSHED = /^ [ *+!=-]? ?(?:\[new (?:branch|tag)\]|[0-9a-f]+\.{2,3}[0-9a-f]+) +(\S+) -> (\S+)/gm;
const PULL_REQUEST = /https?:\/\/[^\s"'<>)\]]{1,300}\/(?:pull|pulls|merge_requests|pull-requests|pullrequest)\/\d+/g;

/** @param hasFailed - then only what the output shows counts */
export function gitOutcome(line: string, output: string, hasFailed: boolean): GitOutcome {
  const calls = simpleCommands(line)
    .map((command) => gitCallOf(command, hasFailed))
    .filter((call) => call !== null);
  const call = (verb: string) => calls.find((each) => each.verb === verb);
  const printed = calls.some(({ verb }) => COMMITS.test(verb))
    ? [...output.matchAll(COMMITTED)].map(([, id = "", subject = ""]) => ({ id, subject: subject.trim() }))
    : [];
  const committing = call("commit");
  const subject = committing?.hasSucceeded ? messageOf(committing.words) : null;
  const isDry = committing?.words.includes("--dry-run");
  const commits = isDry ? [] : printed.length > 0 ? printed : subject ? [{ id: null, subject }] : [];
  const opens = /\b(?:gh|glab|hub|tea)\s+(?:pr|mr|pull-request|pulls?)\s+(?:create|new|c)\b/.test(line);
  const reset = call("reset");
  return {
    commits,
    amends: commits.length > 0 && committing?.words.includes("--amend") === true,
    undone: reset?.hasSucceeded ? undoneBy(reset.words) : 0,
    pushes: pushesBy(
      calls.filter(({ verb }) => verb === "push"),
      output,
    ),
    pullRequests: opens ? pullRequestsIn(output).slice(-1) : [],
  };
}

/** Other programs may print a line that looks like a commit. */
const COMMITS = /^(?:commit|cherry-pick|revert|merge|am|rebase|pull)$/;

export function pullRequestsIn(text: string): string[] {
  return [...new Set(text.match(PULL_REQUEST) ?? [])];
}

/** How many words may start git: `sudo -u me git`. */
const MAX_BEFORE = 3;

interface GitCall {
  readonly verb: string;
  readonly words: readonly string[];
  /** Whether its exit code is known: it is not behind `||` or in front of a pipe. */
  readonly hasSucceeded: boolean;
}

function gitCallOf({ words, end }: SimpleCommand, hasFailed: boolean): GitCall | null {
  const at = words.findIndex(({ text }) => /(?:^|[\\/])git(?:\.exe)?$/.test(text));
  if (at === -1 || at > MAX_BEFORE || /^(?:echo|printf|grep|rg)$/.test(words[0]?.text ?? "")) return null;
  const rest = words.slice(at + 1).map(({ text }) => text);
  while (/^-/.test(rest[0] ?? "")) rest.splice(0, /^-[Cc]$/.test(rest[0] ?? "") ? 2 : 1);
  return { verb: rest[0] ?? "", words: rest.slice(1), hasSucceeded: end === "succeeded" && !hasFailed };
}

/** Only the first line of a message is used. */
const MAX_MESSAGE_CHARS = 2_000;

/** The first line of `-m …`, also from a here-document in it. */
function messageOf(words: readonly string[]): string | null {
  const at = words.findIndex((word) => /^-[a-zA-Z]*m$|^--message$/.test(word));
  const [, joined] = /^--message=([\s\S]*)$/.exec(words.find((word) => word.startsWith("--message=")) ?? "") ?? [];
  const text = (joined ?? (at === -1 ? "" : (words[at + 1] ?? ""))).slice(0, MAX_MESSAGE_CHARS);
  const [, inner] = /<<-?\s*['"]?\w[^\n]*\n([\s\S]*)$/.exec(text) ?? [];
  return (inner ?? text).trim().split("\n", 1)[0]?.trim() || null;
}

function undoneBy(words: readonly string[]): number {
  const [, count] = words.map((word) => /^HEAD(?:~(\d*)|\^)$/.exec(word)).find(Boolean) ?? [];
  const isUndone = words.some((word) => /^HEAD[~^]/.test(word));
  return isUndone ? Number(count || 1) : 0;
}

function pushesBy(calls: readonly GitCall[], output: string): string[] {
  if (/\[(?:remote )?rejected\]|^(?:fatal|error): /m.test(output)) return [];
  // Git begins what it prints of each push with a line of its own; a fetch prints the same lines below `From …`.
  const reports = output.split(/^To .*$/m).slice(1);
  if (reports.length > 0) {
    const of = reports.length === calls.length ? calls : calls.slice(-1);
    return of.flatMap((call, at) => {
      const [report = ""] = (reports.at(at - of.length) ?? "").split(/^From .*$/m, 1);
      return isPush(call) ? [...report.matchAll(PUSHED)].map(([, , to = ""]) => `${remoteOf(call)}/${to}`) : [];
    });
  }
  if (/Everything up-to-date/.test(output)) return [];
  return calls
    .filter((call) => call.hasSucceeded && isPush(call))
    .map((call) => {
      const [, branch] = withoutOptions(call.words.filter((word) => !word.startsWith("-")));
      const target = branch
        ?.split(":")
        .at(-1)
        ?.replace(/^\+|^refs\/heads\//g, "");
      return target === undefined || target === "HEAD" ? remoteOf(call) : `${remoteOf(call)}/${target}`;
    });
}

function isPush({ words }: GitCall): boolean {
  return !words.some((word) => /^(?:-n|--dry-run|-d|--delete|:.*)$/.test(word));
}

function remoteOf({ words }: GitCall): string {
  const [remote] = withoutOptions(words.filter((word) => !word.startsWith("-")));
  return remote === undefined || /[:/]/.test(remote) ? "origin" : remote;
}
