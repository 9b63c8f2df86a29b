import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { isSetUp, whatIsMissing } from "../../client/settings/config.ts";
import { counted } from "../../client/text/counted.ts";
import { defineTool } from "./define-tool.ts";

export const clearMessages = defineTool({
  name: "clear_messages",
  description:
    "Photon mailbox, across machines: deletes every message for every machine, for good. Only when the person asks for exactly that.",
  input: z.strictObject({ confirm: z.boolean().nullish() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  async run({ confirm }, context) {
    const { mailbox } = context;
    if (!confirm) {
      return 'Nothing was deleted. clear_messages {"confirm":true} deletes every message for every machine, also unread ones; do it only if the person asked for exactly that.';
    }
    if (!isSetUp(mailbox.config)) throw new PhotonError("not_set_up", whatIsMissing(mailbox.config));
    const answer = await context.confirm("Photon: delete every message, for every machine, for good?");
    if (answer !== "yes") {
      const why = answer === "no" ? "the person did not agree" : "nobody could be asked here";
      return `Nothing was deleted: ${why}. The person can do it in a terminal: photon clear`;
    }
    const count = await mailbox.clear();
    return `Deleted for every machine: ${counted(count, "message")}.`;
  },
});
