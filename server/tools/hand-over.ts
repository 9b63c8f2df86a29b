import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { maskedLine } from "../../client/secrets/mask-secrets.ts";
import { isSetUp, whatIsMissing } from "../../client/settings/config.ts";
import { cleanText } from "../../client/text/clean-text.ts";
import { fenceFor } from "../../client/text/fence.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { AddressText, Content } from "../../contract/message.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { type HandoverDraft, latestDraft, readDraft } from "../../handover/draft/draft-store.ts";
import { readPublication } from "../../handover/draft/publication-store.ts";
import { publishDraft } from "../../handover/publish/publish.ts";
import { type CapsuleOutcome, capsuleSection, tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import type { ServerContext } from "../context.ts";
import { defineTool } from "./define-tool.ts";
import { deliveryText } from "./delivery-text.ts";
import { partsOf } from "./message-parts.ts";

const NO_DRAFT =
  "There is no handover draft of this session or this project yet; one is kept at the end of a turn, once something was done. " +
  'To hand over in your own words: hand_over {"content":"…","send":true}.';

export const handOver = defineTool({
  name: "hand_over",
  description:
    "Photon mailbox, across machines, kept until read: leaves this session's work for another machine, uncommitted and unpushed changes included (the capsule). " +
    "Without arguments it shows the draft; with `content` (better words) or `send` it is sent, in place of the session's earlier handover.",
  input: z.strictObject({
    content: Content.nullish(),
    to: AddressText.nullish().describe("omitted: every machine in this project"),
    send: z.boolean().nullish(),
    capsule: z.boolean().nullish().describe("false: without the changes themselves"),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  async run({ content, to, send, capsule }, context) {
    if (content && send === false) {
      throw new PhotonError("invalid_request", "`send` is false, so nothing was sent; make it true to send `content`.");
    }
    if (!content && !send) return draftText(context);
    const draft = draftFor(context, content ?? null);
    if (draft === null) return NO_DRAFT;
    return publish(draft, content ?? draft.text, to ?? undefined, capsule ?? true, context);
  },
});

/** To look at and to put better; nothing is sent. */
async function draftText(context: ServerContext): Promise<string> {
  const { config, session, now, paths } = context;
  if (!isSetUp(config)) throw new PhotonError("not_set_up", whatIsMissing(config));
  const draft = draftFor(context, null);
  if (!draft) return NO_DRAFT;
  const parts = partsOf(cleanText(draft.text));
  const [shown = ""] = parts;
  const whose = draft.session === session ? "this session" : "the newest session of this project on this machine";
  const wasSent = readPublication(paths, draft.session) !== null;
  return [
    `Handover draft of ${whose}, saved ${formatAgo(draft.savedAt, now())}${wasSent ? ", an earlier version was sent" : ", not sent yet"}:`,
    fenceFor([shown]).wrap("draft", shown),
    ...(parts.length > 1
      ? [`Shown are its first ${shown.length} characters; sending it as it is sends all of it.`]
      : []),
    ...(await capsuleText(draft, context)),
    'Send it as it is: hand_over {"send":true}. In better words: hand_over {"content":"…","send":true}. To one machine: add "to".',
  ].join("\n");
}

/** What would go along, for the person to see before it does. */
async function capsuleText(draft: HandoverDraft, { config }: ServerContext): Promise<string[]> {
  if (config.capsule === "off") return ["No capsule goes along: the settings say so."];
  const text = cleanText(capsuleSection(await tryBuildCapsule(draft.folder), null));
  return ['What goes along (leave it out with "capsule": false):', fenceFor([text]).wrap("capsule", text)];
}

/**
 * This session's, else, for the draft as it is, the newest of the project: after `/clear` the work is the same and the
 * session another. Words of its own never take the place of another session's handover.
 */
function draftFor(
  { paths, config, session, folder, now }: ServerContext,
  content: string | null,
): HandoverDraft | null {
  const own = session === null ? null : readDraft(paths, session);
  if (own !== null || content === null) return own ?? latestDraft(paths, config.project);
  return draftOfFolder(config, folder, { session: session ?? undefined, text: content, now: now() });
}

async function publish(
  draft: HandoverDraft,
  text: string,
  to: string | undefined,
  withCapsule: boolean,
  { paths, config, mailbox }: ServerContext,
): Promise<string> {
  await mailbox.outbox.requireRecipient(to ?? null);
  const capsule = withCapsule && config.capsule !== "off" ? await tryBuildCapsule(draft.folder) : null;
  const { id, masked } = await publishDraft(paths, config, draft, { text, to, capsule });
  const left = maskedLine(masked);
  const receiver = readPublication(paths, draft.session)?.byPerson?.to ?? null;
  return [
    deliveryText(await mailbox.outbox.deliver(id), receiver, config.machine),
    ...(left === null ? [] : [left]),
    ...capsuleLine(capsule),
  ].join("\n");
}

function capsuleLine(capsule: CapsuleOutcome | null): string[] {
  if (capsule === null) return [];
  if (capsule.built === null) return [`No capsule went along: ${capsule.why}`];
  const { files, excluded } = capsule.built;
  return [
    `Capsule: ${files.length} files${excluded.length > 0 ? `, ${excluded.length} left out (the handover names them)` : ""}.`,
  ];
}
