import type { Tool } from "./define-tool.ts";
import { checkMessages } from "./tools/check-messages.ts";
import { clearMessages } from "./tools/clear-messages.ts";
import { handOver } from "./tools/hand-over.ts";
import { markRead } from "./tools/mark-read.ts";
import { readMessages } from "./tools/read-messages.ts";
import { sendMessage } from "./tools/send-message.ts";
import { takeOver } from "./tools/take-over.ts";

/** Every tool, in the order a client lists them. */
export const TOOLS: readonly Tool[] = [
  checkMessages,
  sendMessage,
  readMessages,
  markRead,
  clearMessages,
  handOver,
  takeOver,
];
