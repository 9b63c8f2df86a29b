import type { Message } from "../../contract/message.ts";
import type { CapsuleRef } from "../bridge/kept-capsule.ts";

/**
 * How far this machine trusts a sender. `data`: messages only inform. `ask`: messages may ask for work, and Claude asks the
 * person before anything of consequence. `work`: Claude may work on its tasks like on the person's own.
 */
export const GRADES = ["data", "ask", "work"] as const;
export type Grade = (typeof GRADES)[number];
export const DEFAULT_GRADE: Grade = "ask";

/** A message's origin, as this machine verified it. Never taken from the message's text or the bridge. */
export interface Origin {
  /**
   * `verified`: signed by the machine that it names, which has joined. `unverified`: no valid signature proves its sender.
   * `forged`: its signature is wrong, or does not match the message. `unreadable`: this machine cannot decrypt it.
   */
  readonly state: "verified" | "unverified" | "forged" | "unreadable";
  /** Who wrote it, according to the signing machine; null if it is not signed. */
  readonly author: "person" | "agent" | null;
  /** At most `ask` for an unverified message, and `data` for a forged or unreadable one. */
  readonly grade: Grade;
  /** Whether it was sent encrypted. */
  readonly isEncrypted: boolean;
  /** Other observations, such as "out of order": short phrases of our own. */
  readonly remarks: readonly string[];
}

/** Whether a message's text can be shown here. One that cannot be opened gets no receipt: nobody saw what its sender wrote. */
export function isOpened({ origin: { state } }: Pick<ReceivedMessage, "origin">): boolean {
  return state === "verified" || state === "unverified";
}

/** A received message: decrypted, and with its origin. */
export type ReceivedMessage = Message & {
  readonly origin: Origin;
  /** The encrypted capsule on the bridge, if the capsule in `work` was sent encrypted. */
  readonly encryptedCapsule?: CapsuleRef;
};
