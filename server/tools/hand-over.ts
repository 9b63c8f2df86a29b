import * as z from "zod";
import { cleanText } from "../../client/clean-text.ts";
import { isSetUp, whatIsMissing } from "../../client/config.ts";
import { formatAgo } from "../../client/format-age.ts";
import { PhotonError } from "../../client/photon-error.ts";
import { AddressText, Content } from "../../contract/message.ts";
import { type HandoverDraft, latestDraft, readDraft } from "../../handover/draft-store.ts";
import { publishDraft } from "../../handover/publish.ts";
import type { ServerContext } from "../context.ts";
import { defineTool } from "../define-tool.ts";
import { deliveryText } from "../delivery-text.ts";
import { fenceFor } from "../fence.ts";
import { partsOf } from "../message-parts.ts";

const NO_DRAFT =
  "There is no handover draft of this session or this project yet; one is kept at the end of a turn, once something was done. " +
  'To hand over in your own words: hand_over {"content":"…","send":true}.';

export const handOver = defineTool({
  name: "hand_over",
  description:
    "Photon mailbox, across machines, kept until read: leaves this session's work for another machine. Without arguments it shows the draft; " +
    "with `content` (better words) or `send` it is sent, in place of the session's earlier handover.",
  input: z.strictObject({
    content: Content.nullish(),
    to: AddressText.nullish().describe("omitted: every machine in this project"),
    send: z.boolean().nullish(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  async run({ content, to, send }, context) {
    if (content && send === false) {
      throw new PhotonError("invalid_request", "`send` is false, so nothing was sent; make it true to send `content`.");
    }
    if (!content && !send) return draftText(context);
    return content ? sendWords(content, to ?? undefined, context) : sendDraft(to ?? undefined, context);
  },
});

/** To look at and to put better; nothing is sent. */
function draftText(context: ServerContext): string {
  const { config, session, now } = context;
  if (!isSetUp(config)) throw new PhotonError("not_set_up", whatIsMissing(config));
  const draft = draftFor(context);
  if (!draft) return NO_DRAFT;
  const parts = partsOf(cleanText(draft.text));
  const [shown = ""] = parts;
  const whose = draft.session === session ? "this session" : "the newest session of this project on this machine";
  return [
    `Handover draft of ${whose}, saved ${formatAgo(draft.savedAt, now())}${draft.publishedId === null ? ", not sent yet" : ", an earlier version was sent"}:`,
    fenceFor([shown]).wrap("draft", shown),
    ...(parts.length > 1
      ? [`Shown are its first ${shown.length} characters; sending it as it is sends all of it.`]
      : []),
    'Send it as it is: hand_over {"send":true}. In better words: hand_over {"content":"…","send":true}. To one machine: add "to".',
  ].join("\n");
}

/** This session's, else the newest of the project: after `/clear` the work is the same and the session another. */
function draftFor({ paths, config, session }: ServerContext): HandoverDraft | null {
  return (session === null ? null : readDraft(paths, session)) ?? latestDraft(paths, config.project);
}

async function sendDraft(to: string | undefined, context: ServerContext): Promise<string> {
  const draft = draftFor(context);
  return draft ? publish(draft, draft.text, to, context) : NO_DRAFT;
}

/** In the words given; they never take the place of another session's handover. */
async function sendWords(content: string, to: string | undefined, context: ServerContext): Promise<string> {
  const { paths, config, session, mailbox, now } = context;
  if (session === null) {
    const receiver = to ?? (config.project === null ? null : `*/${config.project}`);
    return deliveryText(await mailbox.send({ content, to: receiver, kind: "handover", tags: ["handover"] }), receiver);
  }
  const draft: HandoverDraft = readDraft(paths, session) ?? {
    ...{ v: 1, session, project: config.project, machine: config.machine, text: content, savedAt: now() },
    ...{ prompts: 0, edits: 0, publishedId: null, publishedAt: null, publishedText: null },
  };
  return publish(draft, content, to, context);
}

async function publish(
  draft: HandoverDraft,
  text: string,
  to: string | undefined,
  context: ServerContext,
): Promise<string> {
  const { paths, config, mailbox } = context;
  const id = publishDraft(paths, config, draft, text, to);
  return deliveryText(await mailbox.deliver(id), readDraft(paths, draft.session)?.byPerson?.to ?? null);
}
