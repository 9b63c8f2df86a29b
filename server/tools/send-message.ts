import * as z from "zod";
import { hopsOf } from "../../client/mail/mail-log.ts";
import type { Outgoing } from "../../client/mail/outbox.ts";
import { type Repeat, recentRepeat } from "../../client/mail/repeats.ts";
import { recipientsLine } from "../../client/mail/sent-status.ts";
import { maskedLine, maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { isSameName } from "../../contract/address.ts";
import { MAX_HOPS, MESSAGE_KINDS, MessageDraft, MessageId } from "../../contract/message.ts";
import { defineTool } from "./define-tool.ts";
import { deliveryText } from "./delivery-text.ts";

const { content, to, tags } = MessageDraft.shape;

/** A handover is more than a message of that kind: it has a draft and takes the place of the older one. */
const SENT_KINDS = MESSAGE_KINDS.filter((kind) => kind !== "handover");

/** Said once at each end: by whom sends the message with that number, and by whom reads it. */
const LOOP = `This thread has ${MAX_HOPS} messages of agents without a person: it wakes nobody any more until a person writes. Tell the person.`;

export const sendMessage = defineTool({
  name: "send_message",
  description:
    "Photon mailbox, across machines, kept until read: leaves a message for another machine, even one that is off, or answers one. " +
    "Not the built-in SendMessage, which reaches only sessions that are live now. Tells whether it is stored or still waits on this machine.",
  input: z.strictObject({
    content,
    to: to.describe("`mac`, `mac/photon`, `*/photon` (every machine in that project); omitted: everyone"),
    tags,
    kind: z
      .enum(SENT_KINDS, `must be one of ${SENT_KINDS.join(", ")}`)
      .nullish()
      .describe("`task` asks for work and an answer"),
    reply_to: MessageId.nullish().describe("id of the message this answers"),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  async run({ reply_to, kind, ...message }, { mailbox, paths, session, now }) {
    const hops = reply_to ? hopsOf(paths, reply_to) + 1 : 1;
    const outgoing: Outgoing = {
      ...message,
      kind: kind ?? (reply_to ? "reply" : "note"),
      ...(reply_to ? { replyTo: reply_to } : {}),
      ...(session === null ? {} : { session }),
      ...(hops > 1 && { hops }),
    };
    // What was said before is known by what went out.
    const { text: said } = await maskSecrets(outgoing.content, { ownKey: mailbox.config.apiKey });
    const repeat = recentRepeat(paths, { ...outgoing, content: said }, now());
    if (repeat !== null) return repeatText(repeat, now());
    const delivery = await mailbox.outbox.send(outgoing);
    const masked = maskedLine(delivery.masked);
    const isToSelf = message.to !== null && isSameName(message.to, mailbox.self);
    const note = isToSelf
      ? " That is this session's own address: other sessions here see it as unread, this one does not."
      : "";
    const known = delivery.state === "stored" ? await recipientsLine(mailbox, message.to, now()) : null;
    return (
      deliveryText(delivery, message.to, mailbox.config.machine) +
      (masked === null ? "" : ` ${masked}`) +
      note +
      (known === null ? "" : ` ${known}.`) +
      (hops === MAX_HOPS ? ` ${LOOP}` : "")
    );
  },
});

function repeatText({ id, at }: Repeat, now: number): string {
  return `Not sent again: you said exactly this to them ${formatAgo(at, now)} (id ${id}); it is on its way or there already.`;
}
