/**
 * When a session's handover leaves this machine: automatically, automatically with a page that Claude writes at the end,
 * only on `/photon:handover`, or never.
 */
export const HANDOVER_POLICIES = ["auto", "written", "draft", "off"] as const;
export type HandoverPolicy = (typeof HANDOVER_POLICIES)[number];

/** Whether handovers are sent without a word of the person. */
export function isAutomatic(policy: HandoverPolicy): boolean {
  return policy === "auto" || policy === "written";
}

/**
 * When a handover includes a capsule: if the person hands over, and also in automatic handovers that are encrypted for all
 * recipients; only if the person hands over; also in every automatic handover, even unencrypted; or never.
 */
export const CAPSULE_POLICIES = ["encrypted", "explicit", "auto", "off"] as const;
export type CapsulePolicy = (typeof CAPSULE_POLICIES)[number];

/** Whether automatic handovers of sessions that ended include the conversation. */
export const CONVERSATION_POLICIES = ["off", "auto"] as const;
export type ConversationPolicy = (typeof CONVERSATION_POLICIES)[number];
