import { randomUUID } from "node:crypto";
import { keepCapsule } from "../../client/bridge/capsule-delivery.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { destinationOf } from "../../client/mail/destination.ts";
import { enqueue, type OutgoingDraft } from "../../client/mail/outbox-folder.ts";
import { type Finding, type Masked, maskSecrets } from "../../client/secrets/mask-secrets.ts";
import type { Config } from "../../client/settings/config.ts";
import { formatAddress } from "../../contract/address.ts";
import { MAX_BRANCH_CHARS, type WorkDraft } from "../../contract/capsule.ts";
import { MAX_CONTENT_BYTES, utf8Bytes } from "../../contract/message.ts";
import { type HandoverDraft, readDraft, requirePlainSession } from "../draft/draft-store.ts";
import { textByPolicy } from "../draft/news.ts";
import { type Publication, readPublication, savePublication } from "../draft/publication-store.ts";
import { type CapsuleOutcome, capsuleSection } from "./work-capsule.ts";

/** What the person decides when they hand over. */
export interface PersonsChoice {
  /** What to send, when it is not the draft as it is. */
  readonly text?: string | undefined;
  /** An address; without one every machine in the project, or everyone when there is no project. */
  readonly to?: string | undefined;
  /** null: without one. */
  readonly capsule: CapsuleOutcome | null;
  /** Codes of findings of the scan for secrets that they let pass. */
  readonly allow?: readonly string[];
}

/** A handover that is in the outbox. */
export interface Published {
  readonly id: string;
  /** What was left out of its text. */
  readonly masked: readonly Finding[];
}

/**
 * Hands a session's work over on the person's word: puts a `handover` message into the outbox, in place of the session's
 * earlier one, and notes it. The caller flushes. From then on the policy publishes nothing more of this session until it
 * goes on.
 *
 * @throws RangeError for a session id that is not a plain one; PhotonError when the text cannot be scanned, or is too
 *   long; the file system's own error. Nothing was queued then
 */
export async function publishDraft(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  choice: PersonsChoice,
): Promise<Published> {
  const { text = draft.text, to = everyMachine(draft), capsule, allow } = choice;
  // Of a session without a kept draft, in its first turn, every word is the person's.
  const isAsKept = readDraft(paths, draft.session)?.text === text;
  const byPerson = { text: isAsKept ? null : text, to, prompts: draft.prompts, edits: draft.edits };
  return publish(paths, config, draft, { text, to, capsule, allow, byPerson });
}

/** The same as the person's policy wants it, when there is news: to whom the person chose, if they did. */
export function publishByPolicy(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  capsule: CapsuleOutcome | null,
): Promise<Published> {
  const published = readPublication(paths, draft.session);
  const byPerson = published?.byPerson;
  const to = byPerson ? byPerson.to : everyMachine(draft);
  return publish(paths, config, draft, {
    text: textByPolicy(draft, published),
    ...{ to, capsule, ...(byPerson && { byPerson }) },
  });
}

interface Publishing extends Pick<Publication, "text" | "byPerson"> {
  readonly to: string | null;
  readonly capsule: CapsuleOutcome | null;
  readonly allow?: readonly string[] | undefined;
}

async function publish(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  { text, to, capsule, allow, byPerson }: Publishing,
): Promise<Published> {
  requirePlainSession(draft);
  const { session, project } = draft;
  const id = randomUUID();
  // What a hook kept nobody has looked through: a hook has no time for it. Names of files may be secrets, too.
  const scan = { allowed: allow, ownKey: config.apiKey };
  const section = capsule?.built ? capsuleSection(capsule, capsule.built.sha256) : null;
  const masked = await fitting(section === null ? [text] : [withSection(text, section), text], scan);
  const branch = await maskSecrets(draft.branch ?? "", scan);
  const built = capsule?.built ?? null;
  const ref = built && keepCapsule(paths, built.bytes);
  const work: WorkDraft = {
    branch: branch.text.slice(0, MAX_BRANCH_CHARS) || null,
    files: built ? built.files.length : draft.files,
    ...(ref && { capsule: ref }),
  };
  const replaces = readPublication(paths, session)?.id;
  const message: OutgoingDraft = {
    ...{ id, from: formatAddress({ machine: config.machine, project }), to, project, kind: "handover" },
    content: masked.text,
    tags: ["handover"],
    ...{ session, work, ...(replaces !== undefined && { replaces }) },
  };
  enqueue(paths, message, destinationOf(config, paths));
  // After the message: a crash between the two sends it twice, where the other way round it would be lost. The text as
  // it was kept: news is what differs from that.
  savePublication(paths, { session, id, at: Date.now(), text, ...(byPerson && { byPerson }) });
  return { id, masked: [...masked.findings, ...branch.findings] };
}

/** The first of the texts that a message has room for, once it is masked: our words may be longer than a secret. */
async function fitting(texts: readonly string[], scan: Parameters<typeof maskSecrets>[1]): Promise<Masked> {
  for (const text of texts) {
    const masked = await maskSecrets(text, scan);
    if (utf8Bytes(masked.text) <= MAX_CONTENT_BYTES) return masked;
  }
  throw new PhotonError("too_large", "The handover is too long once the secrets in it are left out: make it shorter.");
}

/** A text that has no room for it goes without: the capsule itself says what is in it. */
function withSection(text: string, section: string): string {
  const whole = `${text.trimEnd()}\n\n${section}\n`;
  return utf8Bytes(whole) <= MAX_CONTENT_BYTES ? whole : text;
}

function everyMachine({ project }: HandoverDraft): string | null {
  return project === null ? null : formatAddress({ machine: "*", project });
}
