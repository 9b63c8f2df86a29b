import * as z from "zod";
import { MAX_IDS_PER_REQUEST, MessageId } from "../../contract/message.ts";
import { defineTool } from "../define-tool.ts";

const Ids = z
  .string()
  .describe(`an id, or up to ${MAX_IDS_PER_REQUEST} with commas`)
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .pipe(
    z
      .array(MessageId)
      .min(1, "must name at least one message")
      .max(MAX_IDS_PER_REQUEST, `must hold at most ${MAX_IDS_PER_REQUEST} ids`)
      .transform((ids) => [...new Set(ids)]),
  );

export const markRead = defineTool({
  name: "mark_read",
  description:
    "Photon mailbox, across machines, kept until read: finishes messages on this machine, so that it is not reminded of them again.",
  input: z.strictObject({ message_id: Ids }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async run({ message_id: ids }, { mailbox }) {
    const [id] = ids;
    if (ids.length === 1 && id) {
      await mailbox.markRead(id);
      return `Marked read on ${mailbox.config.machine}: ${id}.`;
    }
    const marked = await mailbox.markManyRead(ids);
    const rest = ids.length - marked;
    return `Marked read on ${mailbox.config.machine}: ${marked} messages.${rest > 0 ? ` The bridge does not have the other ${rest}.` : ""}`;
  },
});
