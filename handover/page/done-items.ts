import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import type { ChangesSince } from "../git/changes-since.ts";
import { code } from "../markdown.ts";
import type { TranscriptFacts } from "../transcript/transcript-facts.ts";
import { item } from "./open-items.ts";

const MAX_SUBJECT_CHARS = 90;
const MAX_ADDRESS_CHARS = 150;
const SHORT_ID = 8;

/** What came of the session, newest first: pull requests, pushes, commits, decisions, finished tasks, subagents. */
export function doneItems(facts: TranscriptFacts, since: ChangesSince | null): string[] {
  const { pullRequests, pushes, decisions, finished, subagents } = facts;
  return [
    ...pullRequests.map((address) => `- Pull request ${clip(inOneLine(address), MAX_ADDRESS_CHARS)}`).reverse(),
    ...pushes.map((branch) => `- Pushed to ${code(branch, MAX_SUBJECT_CHARS)}`).reverse(),
    ...commits(facts, since)
      .map(
        ({ id, subject }) =>
          `- Commit ${id === null ? "" : `${id.slice(0, SHORT_ID)} `}“${clip(inOneLine(subject), MAX_SUBJECT_CHARS)}”`,
      )
      .reverse(),
    ...decisions.map(({ question, answer }) => item(`Decided: ${question} → ${answer}`)),
    ...finished.map((text) => item(text)).reverse(),
    ...subagents
      .filter(({ answer }) => answer !== "")
      .map(({ task, answer }) => item(`Subagent “${task}”: ${answer}`))
      .reverse(),
  ];
}

/** Those that the session's commands made, with git's id, and others that git knows of its time. */
export function commits({ commits: made }: TranscriptFacts, since: ChangesSince | null): TranscriptFacts["commits"] {
  const byGit = since?.commits ?? [];
  const isSame = (id: string | null, subject: string, other: { id: string; subject: string }) =>
    id === null ? subject === other.subject : id.startsWith(other.id) || other.id.startsWith(id);
  const own = made.map(({ id, subject }) => byGit.find((other) => isSame(id, subject, other)) ?? { id, subject });
  return [...byGit.filter((other) => !own.includes(other)), ...own];
}
