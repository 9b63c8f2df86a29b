import type { Paths } from "../../client/disk/paths.ts";
import { isEncryptedFor } from "../../client/encryption/work-along.ts";
import { destinationOf } from "../../client/mail/destination.ts";
import type { Config } from "../../client/settings/config.ts";
import { buildConversation, type ConversationOutcome, NoConversation } from "../conversation/build-conversation.ts";
import { roomBeside } from "../conversation/parcel.ts";
import type { HandoverDraft } from "../draft/draft-store.ts";
import type { Publication } from "../draft/publication-store.ts";
import { recipientByPolicy } from "./publish.ts";
import type { CapsuleOutcome } from "./work-capsule.ts";

/** What a conversation is built from, and with. */
export interface ConversationRequest {
  readonly paths: Paths;
  readonly config: Config;
  /** null if the client has none. */
  readonly transcriptPath: string | null;
  /** Codes of secret findings that the person allows. */
  readonly allow?: readonly string[] | undefined;
}

/**
 * The conversation of a draft's session, if it fits next to the capsule. Only a machine that has joined sends one.
 *
 * @throws PhotonError `internal` if the scan for secrets fails
 */
export async function tryBuildConversation(
  { session, folder }: HandoverDraft,
  capsule: CapsuleOutcome | null,
  { paths, config, transcriptPath, allow }: ConversationRequest,
): Promise<ConversationOutcome> {
  if (!destinationOf(config, paths).canEncrypt)
    return { built: null, why: "It is only sent encrypted, and this machine has not joined: `photon join`." };
  if (transcriptPath === null) return { built: null, why: "Claude Code has no transcript of this session here." };
  const maxBytes = roomBeside(capsule?.built?.bytes.length ?? 0);
  const scan = { allowed: allow, ownKey: config.apiKey };
  try {
    return { built: await buildConversation({ session, transcriptPath, folder, maxBytes, scan }) };
  } catch (error) {
    if (error instanceof NoConversation) return { built: null, why: error.message };
    throw error;
  }
}

/**
 * Whether the automatic handover of a session that is over takes its conversation along: only if every recipient gets it
 * encrypted. Only then, because the bridge keeps 256 MB of a machine's capsules.
 */
export function takesConversation(paths: Paths, config: Config, draft: HandoverDraft): boolean {
  return config.conversation === "auto" && isEncryptedFor(paths, config, recipientByPolicy(paths, draft));
}

/** Whether the last handover of a session lacks the conversation that it should have. */
export function lacksConversation(published: Publication | null): boolean {
  return published !== null && published.byPerson === undefined && published.hasConversation !== true;
}
