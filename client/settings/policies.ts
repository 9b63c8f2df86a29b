/** When a session's handover leaves this machine: automatically, only on `/photon:handover`, or never. */
export const HANDOVER_POLICIES = ["auto", "draft", "off"] as const;
export type HandoverPolicy = (typeof HANDOVER_POLICIES)[number];

/**
 * When a handover includes a capsule: if the person hands over, and also in automatic handovers that are encrypted for all
 * recipients; only if the person hands over; also in every automatic handover, even unencrypted; or never.
 */
export const CAPSULE_POLICIES = ["encrypted", "explicit", "auto", "off"] as const;
export type CapsulePolicy = (typeof CAPSULE_POLICIES)[number];

/** Whether automatic handovers of sessions that ended include the conversation. */
export const CONVERSATION_POLICIES = ["off", "auto"] as const;
export type ConversationPolicy = (typeof CONVERSATION_POLICIES)[number];
