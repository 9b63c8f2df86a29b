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

/** When a handover includes a capsule: only if the person hands over, also in automatic handovers, or never. */
export const CAPSULE_POLICIES = ["explicit", "auto", "off"] as const;
export type CapsulePolicy = (typeof CAPSULE_POLICIES)[number];
