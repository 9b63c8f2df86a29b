import { type DraftFacts, renderDraft } from "../../../handover/page/render-draft.ts";
import { factsFromTranscript } from "../../../handover/transcript/facts-from-transcript.ts";
import { SessionLines } from "./session-lines.ts";

/** The page of a session in `/home/dev/demo` that the callback writes. Without more facts, git is not known. */
export function pageOf(write: (session: SessionLines) => void, more: Partial<DraftFacts> = {}): string {
  const session = new SessionLines();
  write(session);
  const transcript = factsFromTranscript(session.lines);
  return renderDraft({ project: "demo", folder: "/home/dev/demo", home: "/home/dev", git: null, transcript, ...more });
}

/** The lines of one section of a page; empty if it has none. */
export function sectionOf(page: string, title: string): string {
  const [, text = ""] = new RegExp(`^## ${title}\\n\\n([\\s\\S]*?)(?=\\n\\n## |$(?![\\s\\S]))`, "m").exec(page) ?? [];
  return text;
}
