import type { Message } from "../../contract/message.ts";
import type { CapsuleRef } from "../bridge/capsule-delivery.ts";

/**
 * How far a sender is trusted on this machine: `data` only informs; `ask` may ask for work, and Claude asks the person
 * before anything of consequence; the tasks of `work` may be worked on like the person's own.
 */
export const GRADES = ["data", "ask", "work"] as const;
export type Grade = (typeof GRADES)[number];
export const DEFAULT_GRADE: Grade = "ask";

/** Who a message is from, as far as this machine could make sure. Never what the message or the bridge says of it. */
export interface Origin {
  /**
   * `verified`: signed by the machine it names, which joined. `unverified`: nobody signed it, its sender is what it says.
   * `forged`: it claims a signature and that is wrong. `unreadable`: encrypted, and not to be opened here.
   */
  readonly state: "verified" | "unverified" | "forged" | "unreadable";
  /** Who wrote it, as the machine says that signed it; null where nobody did. */
  readonly author: "person" | "agent" | null;
  /** Never more than `ask` for what is not verified, and `data` for what is forged. */
  readonly grade: Grade;
  /** Whether it was encrypted on its way. */
  readonly isEncrypted: boolean;
  /** What else was noticed (out of order, an earlier one missing), a short phrase each, of this machine's making. */
  readonly remarks: readonly string[];
}

/** A message as this machine has it: opened, and with what is known of its origin. */
export type ReceivedMessage = Message & {
  readonly origin: Origin;
  /** What the bridge has of the capsule in `work`, where that was encrypted. */
  readonly encryptedCapsule?: CapsuleRef;
};
