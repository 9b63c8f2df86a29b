import * as z from "zod";
import { hopsOf } from "../../client/mail/mail-log.ts";
import type { Outgoing } from "../../client/mail/outbox.ts";
import { type Repeat, recentRepeat } from "../../client/mail/repeats.ts";
import { recipientsLine } from "../../client/mail/sent-status.ts";
import { maskedLine, maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { projectLine } from "../../client/text/project-line.ts";
import { isSameName } from "../../contract/address.ts";
import { MESSAGE_KINDS } from "../../contract/constants.ts";
import { MAX_HOPS, MessageDraft, MessageId } from "../../contract/message.ts";
import { defineTool } from "./define-tool.ts";
import { deliveryText, TOOL_PATIENCE } from "./delivery-text.ts";

const { content, to, tags } = MessageDraft.shape;

/** Handovers need hand_over: they have a draft and replace the session's earlier handover. */
const SENT_KINDS = MESSAGE_KINDS.filter((kind) => kind !== "handover");

/** Added once, to the message with this number. The reader gets a note in the message's header. */
const LOOP = `This thread has ${MAX_HOPS} messages between agents without a person, so it wakes no session until a person writes. Tell the person.`;

export const sendMessage = defineTool({
  name: "send_message",
  description:
    "Photon mailbox, across machines, kept until read: sends a message to another machine, even one that is off, or answers one. " +
    "Not the built-in SendMessage, which reaches only running sessions. States whether the bridge has stored the message or it is queued here.",
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
    // Repeats are compared with what was sent, that is, without secrets.
    const { text: said } = await maskSecrets(outgoing.content, { ownKey: mailbox.config.apiKey });
    const repeat = recentRepeat(paths, { ...outgoing, content: said }, now());
    if (repeat !== null) return repeatText(repeat, now());
    const delivery = await mailbox.outbox.send(outgoing, TOOL_PATIENCE);
    const masked = maskedLine(delivery.masked);
    const isToSelf = message.to !== null && isSameName(message.to, mailbox.self);
    const note = isToSelf ? " This is the session's own address: only other sessions here see it as unread." : "";
    const known = delivery.state === "stored" ? await recipientsLine(mailbox, message.to, now()) : null;
    const asked = projectLine(paths, message.to, mailbox.config.project);
    return (
      deliveryText(delivery, message.to, mailbox.config.machine) +
      (masked === null ? "" : ` ${masked}`) +
      note +
      (known === null ? "" : ` ${known}.`) +
      (asked === null ? "" : ` ${asked}`) +
      (hops === MAX_HOPS ? ` ${LOOP}` : "")
    );
  },
});

function repeatText({ id, at }: Repeat, now: number): string {
  return `Not sent again: you sent exactly this message ${formatAgo(at, now)} (id ${id}).`;
}
