import { checkMessages } from "./check-messages.ts";
import { clearMessages } from "./clear-messages.ts";
import type { Tool } from "./define-tool.ts";
import { handOver } from "./hand-over.ts";
import { markRead } from "./mark-read.ts";
import { readMessages } from "./read-messages.ts";
import { resumeHandover } from "./resume-handover.ts";
import { sendMessage } from "./send-message.ts";

/** Every tool, in the order a client lists them. */
export const TOOLS: readonly Tool[] = [
  checkMessages,
  sendMessage,
  readMessages,
  markRead,
  clearMessages,
  handOver,
  resumeHandover,
];
