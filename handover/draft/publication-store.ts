import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { changeSessionFile, readSessionFile } from "../../client/sessions/session-file.ts";
import { ENDED_BY_PERSON } from "../page/state-lines.ts";
import { type HandoverDraft, readDraft } from "./draft-store.ts";

/** A session's last published handover. */
export interface Publication {
  readonly session: string;
  /** The id of its message. The next handover replaces that message. */
  readonly id: string;
  /** This machine's milliseconds since 1970. */
  readonly at: number;
  /** The text of the message, without the part about the capsule; if Claude wrote the page, the facts. */
  readonly text: string;
  /** Set if the person published it, perhaps with another text or recipient. */
  readonly byPerson?: PersonsHandover;
  /** Whether the conversation went along. */
  readonly hasConversation?: boolean;
}

interface PersonsHandover {
  /** The person's own text; null if they sent the draft unchanged. */
  readonly text: string | null;
  /** The address they chose; null means everyone. */
  readonly to: string | null;
  /** The session's prompts and edits at that time. */
  readonly prompts: number;
  readonly edits: number;
}

/** @returns null if the session published nothing */
export function readPublication(paths: Pick<Paths, "sessions">, session: string): Publication | null {
  const published = recordOf(readSessionFile(paths, session).published);
  const id = textField(published, "id");
  const at = numberField(published, "at");
  const text = textField(published, "text");
  if (id === undefined || at === undefined || text === undefined) return null;
  const byPerson = parsePersons(published?.byPerson);
  const hasConversation = recordOf(published)?.hasConversation === true;
  return { session, id, at, text, ...(byPerson && { byPerson }), ...(hasConversation && { hasConversation }) };
}

/** @throws the file system's own error (disk full, read-only home) */
export function savePublication(paths: Pick<Paths, "sessions">, publication: Publication): void {
  const { session, ...published } = publication;
  changeSessionFile(paths, session, (before) => ({ ...before, published }));
}

function parsePersons(value: unknown): PersonsHandover | undefined {
  if (recordOf(value) === undefined) return undefined;
  return {
    text: textField(value, "text") ?? null,
    to: textField(value, "to") ?? null,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0,
  };
}

/**
 * Longest text of a person that later automatic versions repeat, in UTF-16 code units. With at most three bytes each, it
 * stays below the bridge's limit for a message together with the draft.
 */
const MAX_CARRIED_CHARS = 60_000;

/**
 * Whether the policy would publish something new. After the person's own handover only new prompts or edits count: the
 * end of the turn in which they handed over should not replace it.
 */
export function hasNews(draft: HandoverDraft, published: Publication | null): boolean {
  const byPerson = published?.byPerson;
  if (byPerson && draft.prompts === byPerson.prompts && draft.edits === byPerson.edits) return false;
  const [text, before] = [textByPolicy(draft, published), published?.text].map((each) =>
    each?.replace(ENDED_BY_PERSON, ""),
  );
  return text !== before;
}

export type SentState = "not sent" | "sent" | "changed since it was sent";

/** Whether a session's draft was sent, for a person. */
export function sentState(paths: Pick<Paths, "sessions">, session: string): SentState {
  const [draft, published] = [readDraft(paths, session), readPublication(paths, session)];
  if (published === null) return "not sent";
  return draft !== null && hasNews(draft, published) ? "changed since it was sent" : "sent";
}

/** The text that the policy publishes. Repeats what the person wrote if the session went on after that. */
export function textByPolicy({ text }: Pick<HandoverDraft, "text">, published: Publication | null): string {
  const words = published?.byPerson?.text;
  if (!words || words.length > MAX_CARRIED_CHARS) return text;
  return `${words.trimEnd()}\n\n---\n\nThe session continued after this was written. Its current state:\n\n${text}`;
}
