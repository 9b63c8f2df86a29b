import { randomUUID } from "node:crypto";
import { keepCapsule, keepQueuedCapsule } from "../../client/bridge/kept-capsule.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { destinationOf } from "../../client/mail/destination.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { enqueue, type OutgoingDraft } from "../../client/mail/outbox-folder.ts";
import { type Finding, type Masked, maskSecrets } from "../../client/secrets/mask-secrets.ts";
import type { Config } from "../../client/settings/config.ts";
import { formatAddress } from "../../contract/address.ts";
import { MAX_BRANCH_CHARS, type WorkDraft } from "../../contract/capsule.ts";
import { MAX_CONTENT_BYTES, utf8Bytes } from "../../contract/message.ts";
import type { ConversationOutcome } from "../conversation/build-conversation.ts";
import { conversationText } from "../conversation/conversation-text.ts";
import { packParcel } from "../conversation/parcel.ts";
import { type HandoverDraft, readDraft, requirePlainSession } from "../draft/draft-store.ts";
import { type Publication, readPublication, savePublication, textByPolicy } from "../draft/publication-store.ts";
import { leftBehind } from "./left-behind.ts";
import { staysSection } from "./stays-here.ts";
import { type CapsuleOutcome, capsuleSection } from "./work-capsule.ts";

/** The person's choices for a handover. */
export interface PersonsChoice {
  /** The text to send; by default the draft. */
  readonly text?: string | undefined;
  /** An address; by default every machine in the project, or everyone if there is no project. */
  readonly to?: string | undefined;
  /** null to send no capsule. */
  readonly capsule: CapsuleOutcome | null;
  readonly conversation?: ConversationOutcome | null;
  /** Codes of secret findings that the person allows. */
  readonly allow?: readonly string[];
  /** Who wrote the command that hands over; an agent by default. */
  readonly author?: "person" | "agent";
}

/**
 * Refuses a handover that a person addresses to this machine: it is not offered where it was left.
 *
 * @throws PhotonError `invalid_request`
 */
export function requireOther({ inbox, config }: Mailbox, to: string | null): void {
  if (to === null || !inbox.isFromHere({ from: to })) return;
  throw new PhotonError(
    "invalid_request",
    `Not handed over: ${config.machine} is this machine. Name another one, or none for every machine in the project. A new session here continues from this folder as it is.`,
  );
}

/** A handover that is in the outbox. */
export interface Published {
  readonly id: string;
  /** The secrets that were removed from its text. */
  readonly masked: readonly Finding[];
  /** The section that names work which stays on this machine; null if there is none. */
  readonly stays: string | null;
}

/**
 * Hands a session's work over at the person's request: queues a `handover` message, which replaces the session's earlier
 * one, and records it. The caller flushes the outbox. The policy then publishes nothing more of this session until it
 * continues.
 *
 * @throws RangeError for an invalid session id; PhotonError if the text cannot be scanned or is too long; the file
 *   system's own error. In all cases nothing was queued
 */
export async function publishDraft(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  choice: PersonsChoice,
): Promise<Published> {
  const { text = draft.text, to = everyMachine(draft), ...chosen } = choice;
  // In its first turn a session has no saved draft yet; the whole text then counts as the person's.
  const isAsKept = readDraft(paths, draft.session)?.text === text;
  const byPerson = { text: isAsKept ? null : text, to, prompts: draft.prompts, edits: draft.edits };
  return publish(paths, config, draft, { ...chosen, text, to, byPerson });
}

/**
 * Publishes a draft under the policy, to the recipient that the person chose last, if they did.
 *
 * @param page - sent in place of the draft's text, which is still recorded: the next draft is compared with it
 */
export function publishByPolicy(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  capsule: CapsuleOutcome | null,
  page: string | null = null,
  conversation: ConversationOutcome | null = null,
): Promise<Published> {
  const published = readPublication(paths, draft.session);
  const byPerson = published?.byPerson;
  return publish(paths, config, draft, {
    text: textByPolicy(draft, published),
    ...(page !== null && { shown: textByPolicy({ ...draft, text: page }, published) }),
    to: recipientByPolicy(paths, draft),
    capsule,
    conversation,
    isAutomatic: true,
    ...(byPerson && { byPerson }),
  });
}

/** Whom a session's automatic handover is for: the recipient that the person chose last. @returns null for everyone */
export function recipientByPolicy(paths: Paths, draft: HandoverDraft): string | null {
  const byPerson = readPublication(paths, draft.session)?.byPerson;
  return byPerson ? byPerson.to : everyMachine(draft);
}

interface Publishing extends Pick<Publication, "text" | "byPerson"> {
  /** The text to send; by default the one that is recorded. */
  readonly shown?: string;
  readonly to: string | null;
  readonly capsule: CapsuleOutcome | null;
  readonly conversation?: ConversationOutcome | null | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly author?: "person" | "agent" | undefined;
  readonly isAutomatic?: boolean;
}

async function publish(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  {
    text,
    shown = text,
    to,
    capsule,
    conversation = null,
    allow,
    author = "agent",
    byPerson,
    isAutomatic = false,
  }: Publishing,
): Promise<Published> {
  requirePlainSession(draft);
  const { session, project } = draft;
  const id = randomUUID();
  // The hook that saved the draft had no time to scan it. File names may be secrets too.
  const scan = { allowed: allow, ownKey: config.apiKey };
  const inNames: Finding[] = [];
  const mask = async (name: string) => {
    const { text: plain, findings } = await maskSecrets(name, scan);
    inNames.push(...findings);
    return plain;
  };
  const stays = await staysSection(draft, mask);
  const left = await leftBehind(draft, { config, capsule, to }, mask);
  const sent = [capsule && sentSection(capsule), conversation && talkSection(conversation)];
  const sections = [left, stays, ...sent].filter((section) => section !== null);
  const texts = sections.map((_, at) => [shown.trimEnd(), ...sections.slice(0, at + 1)].join("\n\n")).reverse();
  const masked = await firstThatFits([...texts.map((each) => `${each}\n`), shown], scan);
  const branch = await maskSecrets(draft.branch ?? "", scan);
  const built = capsule?.built ?? null;
  const talk = conversation?.built ?? null;
  const parcel = packParcel({ capsule: built?.bytes ?? null, conversation: talk?.bytes ?? null });
  const ref = parcel && keepCapsule(paths, parcel);
  const work: WorkDraft = {
    branch: branch.text.slice(0, MAX_BRANCH_CHARS) || null,
    files: built ? built.files.length : draft.files,
    ...(ref && { capsule: ref }),
  };
  const replaces = readPublication(paths, session)?.id;
  const message: OutgoingDraft = {
    id,
    from: formatAddress({ machine: config.machine, project }),
    to,
    project,
    kind: "handover",
    content: masked.text,
    tags: ["handover"],
    session,
    work,
    ...(replaces !== undefined && { replaces }),
  };
  enqueue(paths, message, destinationOf(config, paths), { author, isAutomatic, onlyEncrypted: talk !== null });
  if (parcel && ref) keepQueuedCapsule(paths, ref, parcel);
  // Recorded after the message is queued: a crash between the two sends it twice, in the other order it would be lost.
  // The text is recorded unmasked, because the next draft is compared with it.
  const extra = { ...(byPerson && { byPerson }), ...(talk && { hasConversation: true }) };
  savePublication(paths, { session, id, at: Date.now(), text, ...extra });
  return { id, masked: [...masked.findings, ...branch.findings, ...inNames], stays };
}

/** Masks the texts and returns the first that fits into a message. Masking can make a text longer. */
async function firstThatFits(texts: readonly string[], scan: Parameters<typeof maskSecrets>[1]): Promise<Masked> {
  for (const text of texts) {
    const masked = await maskSecrets(text, scan);
    if (utf8Bytes(masked.text) <= MAX_CONTENT_BYTES) return masked;
  }
  throw new PhotonError("too_large", "The handover is too long after its secrets were masked. Make it shorter.");
}

/** The capsule itself also lists its content, so a handover without room for this section is complete. */
function sentSection(capsule: CapsuleOutcome): string | null {
  if (capsule.built === null) return capsule.leavesWork ? capsuleSection(capsule, null) : null;
  return capsuleSection(capsule, capsule.built.sha256);
}

function talkSection(conversation: ConversationOutcome): string | null {
  return conversation.built && `## Conversation\n\n${conversationText(conversation)}`;
}

function everyMachine({ project }: HandoverDraft): string | null {
  return project === null ? null : formatAddress({ machine: "*", project });
}
