import type { Message } from "../../contract/message.ts";
import { DEFAULT_GRADE, type ReceivedMessage } from "./origin.ts";

/** What the bridge gave, as a message of this machine. Whatever it says of its own origin does not count. */
export function receive(message: Message): ReceivedMessage {
  return {
    ...message,
    origin: { state: "unverified", author: null, grade: DEFAULT_GRADE, isSealed: false, remarks: [] },
  };
}
