/** When a session's handover leaves this machine: by itself, only on `/photon:handover`, or never. */
export const HANDOVER_POLICIES = ["auto", "draft", "off"] as const;
export type HandoverPolicy = (typeof HANDOVER_POLICIES)[number];

/** When a handover carries the work itself: when the person hands over, automatic ones too, or never. */
export const CAPSULE_POLICIES = ["explicit", "auto", "off"] as const;
export type CapsulePolicy = (typeof CAPSULE_POLICIES)[number];
