import { randomUUID } from "node:crypto";
import type { Config } from "../client/config.ts";
import { enqueue } from "../client/outbox.ts";
import type { Paths } from "../client/paths.ts";
import { formatAddress } from "../contract/address.ts";
import { type HandoverDraft, readDraft, requirePlainSession, saveDraft } from "./draft-store.ts";

/**
 * Longest text of a person that later automatic versions carry along, in UTF-16 code units: at most three bytes each, it
 * stays with the draft below the bridge's limit for a message.
 */
const MAX_CARRIED_CHARS = 60_000;

/**
 * Hands a session's work over on the person's word: puts a `handover` message into the outbox, in place of the session's
 * earlier one, and notes it in the draft. The caller flushes. From then on the policy publishes nothing more of this
 * session until it goes on; see {@link hasNews}.
 *
 * @param text - what to send; the person may have put it better than the draft
 * @param to - an address; without one every machine in the project, or everyone when there is no project
 * @returns the id of the message
 * @throws RangeError for a session id that is not a plain one; the file system's own error. Nothing was queued then
 */
export function publishDraft(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  text: string = draft.text,
  to: string | null = everyMachine(draft),
): string {
  // Of a session without a kept draft, in its first turn, every word is the person's.
  const isAsKept = readDraft(paths, draft.session)?.text === text;
  return publish(paths, config, {
    ...draft,
    publishedText: text,
    byPerson: { text: isAsKept ? null : text, to, prompts: draft.prompts, edits: draft.edits },
  });
}

/** The same as the person's policy wants it, when there is {@link hasNews}: to whom the person chose, if they did. */
export function publishByPolicy(paths: Paths, config: Config, draft: HandoverDraft): string {
  return publish(paths, config, { ...draft, publishedText: textByPolicy(draft) });
}

/**
 * Whether what the policy would publish differs from what was published. After the person's own handover only new
 * prompts or edits count: the end of the turn in which they handed over is not worth replacing it.
 */
export function hasNews(draft: HandoverDraft): boolean {
  const { byPerson } = draft;
  if (byPerson && draft.prompts === byPerson.prompts && draft.edits === byPerson.edits) return false;
  return textByPolicy(draft) !== draft.publishedText;
}

/** The person's own words are not lost when the session goes on after them. */
function textByPolicy({ text, byPerson }: HandoverDraft): string {
  if (!byPerson?.text || byPerson.text.length > MAX_CARRIED_CHARS) return text;
  return `${byPerson.text.trimEnd()}\n\n---\n\nThe session went on after this was written. It now stands so:\n\n${text}`;
}

function publish(paths: Paths, config: Config, draft: HandoverDraft & { publishedText: string }): string {
  requirePlainSession(draft);
  const id = randomUUID();
  // The store knows best: the caller's draft may be from before another publication.
  const replaces = readDraft(paths, draft.session)?.publishedId ?? draft.publishedId;
  enqueue(paths, {
    id,
    from: formatAddress({ machine: config.machine, project: draft.project }),
    to: draft.byPerson ? draft.byPerson.to : everyMachine(draft),
    project: draft.project,
    kind: "handover",
    content: draft.publishedText,
    tags: ["handover"],
    session: draft.session,
    ...(replaces === null ? {} : { replaces }),
  });
  // After the message: a crash between the two sends it twice, where the other way round it would be lost.
  saveDraft(paths, { ...draft, publishedId: id, publishedAt: Date.now() });
  return id;
}

function everyMachine({ project }: HandoverDraft): string | null {
  return project === null ? null : formatAddress({ machine: "*", project });
}
