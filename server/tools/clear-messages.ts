import * as z from "zod";
import { defineTool } from "../define-tool.ts";

export const clearMessages = defineTool({
  name: "clear_messages",
  description:
    "Photon mailbox, across machines: deletes every message for every machine, for good. Only when the person asks for exactly that.",
  input: z.strictObject({ confirm: z.boolean().nullish() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  async run({ confirm }, { mailbox }) {
    if (!confirm) {
      return 'Nothing was deleted. clear_messages {"confirm":true} deletes every message for every machine, also unread ones; do it only if the person asked for exactly that.';
    }
    const count = await mailbox.clear();
    return `Deleted for every machine: ${count} ${count === 1 ? "message" : "messages"}.`;
  },
});
