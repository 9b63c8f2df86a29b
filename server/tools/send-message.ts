import * as z from "zod";
import type { Mailbox } from "../../client/mailbox.ts";
import type { Delivery } from "../../client/outbox-delivery.ts";
import { PhotonError } from "../../client/photon-error.ts";
import { receiptLine } from "../../client/receipt-line.ts";
import { isSameName } from "../../contract/address.ts";
import { MESSAGE_KINDS, MessageDraft, MessageId } from "../../contract/message.ts";
import { defineTool } from "../define-tool.ts";
import { deliveryText } from "../delivery-text.ts";

const { content, to, tags } = MessageDraft.shape;

/** A handover is more than a message of that kind: it has a draft and takes the place of the older one. */
const SENT_KINDS = MESSAGE_KINDS.filter((kind) => kind !== "handover");

export const sendMessage = defineTool({
  name: "send_message",
  description:
    "Photon mailbox, across machines, kept until read: leaves a message for another machine, even one that is off, or answers one. " +
    "Not the built-in SendMessage, which reaches only sessions that are live now. Tells whether it is stored or still waits on this machine.",
  input: z.strictObject({
    content,
    to: to.describe("`mac`, `mac/photon`, `*/photon` (every machine in that project); omitted: everyone"),
    tags,
    kind: z.enum(SENT_KINDS).nullish().describe("`task` asks for work and an answer"),
    reply_to: MessageId.nullish().describe("id of the message this answers"),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  async run({ reply_to, kind, ...message }, { mailbox, session, now }) {
    const delivery = await mailbox.send({
      ...message,
      kind: kind ?? (reply_to ? "reply" : "note"),
      ...(reply_to ? { replyTo: reply_to } : {}),
      ...(session === null ? {} : { session }),
    });
    const isToSelf = message.to !== null && isSameName(message.to, mailbox.self);
    const note = isToSelf
      ? " That is this session's own address: other sessions here see it as unread, this one does not."
      : "";
    return deliveryText(delivery, message.to) + note + (await recipients(delivery, message.to, mailbox, now()));
  },
});

/** Who is known at the other end. A list of the machines costs the bridge something, so it may be this old. */
const MAX_MACHINES_AGE_MS = 10 * 60_000;

/** The receiving machines and when they were last seen; nothing when that cannot be asked, for the message is stored. */
async function recipients({ state }: Delivery, to: string | null, mailbox: Mailbox, now: number): Promise<string> {
  if (state !== "stored") return "";
  try {
    const { machines } = await mailbox.machines(MAX_MACHINES_AGE_MS);
    return ` ${receiptLine({ from: mailbox.self, to }, machines, now)}.`;
  } catch (error) {
    if (error instanceof PhotonError) return "";
    throw error;
  }
}
