import type { Command } from "commander";
import { cleanLine } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { formatAge } from "../../client/text/format-age.ts";
import { type HandoverDraft, listDrafts } from "../../handover/draft/draft-store.ts";
import { readPublication, type SentState, sentState } from "../../handover/draft/publication-store.ts";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext, Run } from "../context.ts";
import { bold, dim } from "../terminal/terminal.ts";

export function addDrafts(program: Command, run: Run): void {
  program
    .command("drafts")
    .summary("list the handover drafts of this machine's sessions")
    .description(
      "Lists each session's handover draft (the summary of its work that `photon handover --send` sends), newest first, and whether it was sent.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon drafts
  photon drafts --json | jq -r '.drafts[].session'

\`photon handover <session>\` shows a draft, \`photon handover <session> --send\` sends it.`,
    )
    .action(() => run(drafts));
}

async function drafts({ paths }: CliContext): Promise<Answer> {
  const all = listDrafts(paths).map((draft) => ({
    draft,
    state: sentState(paths, draft.session),
    published: readPublication(paths, draft.session),
  }));
  const text =
    all.length === 0
      ? "No drafts. A session saves one at the end of a turn, once it has done some work."
      : all.map(({ draft, state }) => line(draft, state)).join("\n");
  const json = all.map(({ draft, state, published }) => ({
    session: draft.session,
    project: draft.project,
    branch: draft.branch,
    files: draft.files,
    folder: draft.folder,
    savedAt: new Date(draft.savedAt).toISOString(),
    state,
    ...(published && { messageId: published.id }),
    text: draft.text,
  }));
  return { text, json: { count: all.length, drafts: json } };
}

function line(draft: HandoverDraft, state: SentState): string {
  const { session, project, branch, files, savedAt } = draft;
  const about = [
    project ?? "no project",
    ...(branch === null ? [] : [cleanLine(branch, 40)]),
    counted(files, "file"),
  ].join(", ");
  const age = formatAge(Date.now() - savedAt).replace("less than a minute", "now");
  return `${bold(cleanLine(session, 40))}  ${about}  ${dim(`${age}, ${state}`)}`;
}
