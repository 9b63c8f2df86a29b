import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { counted } from "../../client/text/counted.ts";
import { MAX_IDS_PER_REQUEST } from "../../contract/constants.ts";
import { MessageId } from "../../contract/message.ts";
import { defineTool } from "./define-tool.ts";

const Ids = z
  .string()
  .describe(`an id, or up to ${MAX_IDS_PER_REQUEST} ids with commas`)
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
    "Photon mailbox, across machines, kept until read: marks messages read on this machine, so that sessions here are not told about them again.",
  input: z.strictObject({ message_id: Ids }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async run({ message_id: ids }, { mailbox }) {
    const what = ids.length === 1 ? String(ids[0]) : counted(ids.length, "message");
    const marking = await mailbox.receipts.markRead(ids);
    if (marking.state === "kept") {
      return `Marked read on ${mailbox.config.machine}: ${what}. The bridge does not know this yet; Photon will retry. ${marking.reason}`;
    }
    const rest = ids.length - marking.marked;
    if (rest === ids.length) {
      const none =
        ids.length === 1 ? `There is no message ${what} on the bridge.` : `The bridge has none of these ${what}.`;
      throw new PhotonError("not_found", none);
    }
    return rest === 0
      ? `Marked read on ${mailbox.config.machine}: ${what}.`
      : `Marked read on ${mailbox.config.machine}: ${counted(marking.marked, "message")}. The bridge does not have the other ${rest}.`;
  },
});
