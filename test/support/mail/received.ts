import { DEFAULT_GRADE, type Origin, type ReceivedMessage } from "../../../client/trust/origin.ts";
import type { Message } from "../../../contract/message.ts";

/** A received message; by default unsigned. */
export function received(message: Message, origin: Partial<Origin> = {}): ReceivedMessage {
  const unsigned: Origin = { state: "unverified", author: null, grade: DEFAULT_GRADE, isEncrypted: false, remarks: [] };
  return { ...message, origin: { ...unsigned, ...origin } };
}
