import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { maskedLine } from "../../client/secrets/mask-secrets.ts";
import { isSetUp, whatIsMissing } from "../../client/settings/config.ts";
import { cleanText } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { fenceFor } from "../../client/text/fence.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { AddressText, Content } from "../../contract/message.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { draftOfSession, withGit } from "../../handover/draft/draft-of-session.ts";
import { type HandoverDraft, latestDraft } from "../../handover/draft/draft-store.ts";
import { readPublication } from "../../handover/draft/publication-store.ts";
import { publishDraft } from "../../handover/publish/publish.ts";
import { staysSection } from "../../handover/publish/stays-here.ts";
import { type CapsuleOutcome, capsuleSection, tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import type { ServerContext } from "../context.ts";
import { defineTool } from "./define-tool.ts";
import { deliveryText, TOOL_PATIENCE } from "./delivery-text.ts";
import { partsOf } from "./message-parts.ts";

const NO_DRAFT =
  "This session and this project have no handover draft yet. Photon saves one at the end of a turn, once some work is done. " +
  'To hand over in your own words: hand_over {"content":"…","send":true}.';

export const handOver = defineTool({
  name: "hand_over",
  description:
    "Photon mailbox, across machines, kept until read: hands this session's work over to another machine, including the capsule (uncommitted and unpushed changes). " +
    "Without arguments it shows the draft. `content` (a better text) or `send` sends it; it replaces the session's earlier handover.",
  input: z.strictObject({
    content: Content.nullish(),
    to: AddressText.nullish().describe("omitted: every machine in this project"),
    send: z.boolean().nullish(),
    capsule: z.boolean().nullish().describe("false: send only the text"),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  async run({ content, to, send, capsule }, context) {
    if (content && send === false) {
      throw new PhotonError(
        "invalid_request",
        "Nothing was sent, because `send` is false. Set it to true to send `content`.",
      );
    }
    if (!content && !send) return draftText(context);
    const draft = draftFor(context, content ?? null);
    if (draft === null) return NO_DRAFT;
    return publish(draft, content ?? draft.text, to ?? undefined, capsule ?? true, context);
  },
});

/** Shows the draft, so that Claude can improve it. Sends nothing. */
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
      ? [`These are its first ${shown.length} characters; without \`content\`, all of it is sent.`]
      : []),
    ...(await capsuleText(draft, context)),
    'Send it unchanged: hand_over {"send":true}. With a better text: hand_over {"content":"…","send":true}. To one machine: add "to".',
  ].join("\n");
}

/** What the capsule would contain, and what stays here, so that the person sees it before it is sent. */
async function capsuleText(draft: HandoverDraft, { config }: ServerContext): Promise<string[]> {
  const stays = staysText(await staysSection(draft));
  if (config.capsule === "off") return ["Without a capsule: capsules are switched off in the settings.", ...stays];
  const text = cleanText(capsuleSection(await tryBuildCapsule(draft.folder), null));
  return ['The capsule ("capsule": false leaves it out):', fenceFor([text]).wrap("capsule", text), ...stays];
}

/** Branch and file names are fenced: a repository may come from someone else. */
function staysText(section: string | null): string[] {
  if (section === null) return [];
  const text = cleanText(section);
  return [
    "No capsule carries this, and the handover names it. Tell the person:",
    fenceFor([text]).wrap("not carried", text),
  ];
}

/**
 * This session's draft. Without one and without new `content`, the project's newest draft: after `/clear` the work is the
 * same but the session is another one. New content never replaces the handover of another session.
 */
function draftFor(
  { paths, config, session, folder, now }: ServerContext,
  content: string | null,
): HandoverDraft | null {
  const own = session === null ? null : draftOfSession(paths, config, session, folder);
  if (own !== null) return own;
  if (content === null) {
    const latest = latestDraft(paths, config.project);
    return latest && withGit(paths, config, latest);
  }
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
  const { id, masked, stays } = await publishDraft(paths, config, draft, { text, to, capsule });
  const left = maskedLine(masked);
  const receiver = readPublication(paths, draft.session)?.byPerson?.to ?? null;
  return [
    deliveryText(await mailbox.outbox.deliver(id, TOOL_PATIENCE), receiver, config.machine),
    ...(left === null ? [] : [left]),
    ...capsuleLine(capsule),
    ...staysText(stays),
  ].join("\n");
}

function capsuleLine(capsule: CapsuleOutcome | null): string[] {
  if (capsule === null) return [];
  if (capsule.built === null) return [`Without a capsule: ${capsule.why}`];
  const { files, excluded, commitsLeftOut, needsRemote } = capsule.built;
  const left = excluded.length + (commitsLeftOut === null ? 0 : 1);
  const named = left > 0 ? `, ${left} left out (the handover names them)` : "";
  return [
    `Capsule: ${counted(files.length, "file")}${named}.`,
    ...(needsRemote === null ? [] : ["The other machine needs another remote than origin; the handover names it."]),
  ];
}
