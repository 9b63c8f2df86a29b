import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { isSetUp, whatIsMissing } from "../../client/settings/config.ts";
import { counted } from "../../client/text/counted.ts";
import { defineTool, refusalReason } from "./define-tool.ts";

export const clearMessages = defineTool({
  name: "clear_messages",
  description:
    "Photon mailbox, across machines: deletes every message for every machine, permanently. Only if the person asks for exactly that.",
  input: z.strictObject({ confirm: z.boolean().nullish() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  async run({ confirm }, context) {
    const { mailbox } = context;
    if (!confirm) {
      return 'Nothing was deleted. clear_messages {"confirm":true} deletes every message for every machine, including unread ones. Do this only if the person asked for exactly that.';
    }
    if (!isSetUp(mailbox.config)) throw new PhotonError("not_set_up", whatIsMissing(mailbox.config));
    const answer = await context.confirm("Photon: delete every message, permanently and for every machine?");
    if (answer !== "yes")
      return `Nothing was deleted: ${refusalReason(answer)}. The person can run this in a terminal: photon clear`;
    const count = await mailbox.clear();
    return `Deleted for every machine: ${counted(count, "message")}.`;
  },
});
