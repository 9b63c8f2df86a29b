import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { maskedLine } from "../../client/secrets/mask-secrets.ts";
import { isSetUp, whatIsMissing } from "../../client/settings/config.ts";
import { cleanText } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { fenceFor } from "../../client/text/fence.ts";
import { AddressText, Content } from "../../contract/message.ts";
import { beforeText, draftBefore } from "../../handover/draft/draft-before.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { draftOfSession } from "../../handover/draft/draft-of-session.ts";
import type { HandoverDraft } from "../../handover/draft/draft-store.ts";
import { readPublication } from "../../handover/draft/publication-store.ts";
import { publishDraft, requireOther } from "../../handover/publish/publish.ts";
import { staysSection } from "../../handover/publish/stays-here.ts";
import { type CapsuleOutcome, capsuleSection, tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import type { ServerContext } from "../context.ts";
import { defineTool } from "./define-tool.ts";
import { deliveryText, TOOL_PATIENCE } from "./delivery-text.ts";
import { partsOf } from "./message-parts.ts";

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
    return publish(
      draftFor(context),
      { content: content ?? null, to: to ?? undefined, capsule: capsule ?? true },
      context,
    );
  },
});

/** Shows the draft, so that Claude can improve it. Sends nothing. */
async function draftText(context: ServerContext): Promise<string> {
  const { config, session, paths } = context;
  if (!isSetUp(config)) throw new PhotonError("not_set_up", whatIsMissing(config));
  const draft = draftFor(context);
  const parts = partsOf(cleanText(draft.text));
  const [shown = ""] = parts;
  const whose = session === null ? "this folder (the client named no session)" : "this session as it is now";
  const wasSent = readPublication(paths, draft.session) !== null;
  return [
    `Handover draft of ${whose}${wasSent ? "; an earlier version was sent" : ", not sent yet"}:`,
    fenceFor([shown]).wrap("draft", shown),
    ...(parts.length > 1
      ? [`These are its first ${shown.length} characters; without \`content\`, all of it is sent.`]
      : []),
    ...(await capsuleText(draft, context)),
    'Send it unchanged: hand_over {"send":true}. With a better text: hand_over {"content":"…","send":true}. To one machine: add "to".',
    ...beforeLine(draft, context),
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

/** This session's draft, made now, and never another session's. A client that names no session has only its folder. */
function draftFor({ paths, config, session, folder, now }: ServerContext): HandoverDraft {
  return session === null
    ? draftOfFolder(config, folder, { now: now() })
    : draftOfSession(paths, config, session, folder, now());
}

/** After `/clear`, the person may mean the work of the session before. */
function beforeLine(draft: HandoverDraft, { paths, now }: ServerContext): string[] {
  const before = draftBefore(paths, draft, now());
  return before === null ? [] : [beforeText(paths, before, now())];
}

interface Sending {
  /** A better text than the draft's. */
  readonly content: string | null;
  readonly to: string | undefined;
  readonly capsule: boolean;
}

async function publish(draft: HandoverDraft, sending: Sending, context: ServerContext): Promise<string> {
  const { paths, config, mailbox } = context;
  const { content, to } = sending;
  requireOther(mailbox, to ?? null);
  await mailbox.outbox.requireRecipient(to ?? null);
  const capsule = sending.capsule && config.capsule !== "off" ? await tryBuildCapsule(draft.folder) : null;
  if (content === null && isEmpty(draft) && capsule?.built === null && !capsule.leavesWork)
    return [NOTHING, ...beforeLine(draft, context)].join("\n");
  const { id, masked, stays } = await publishDraft(paths, config, draft, { text: content ?? draft.text, to, capsule });
  const left = maskedLine(masked);
  const receiver = readPublication(paths, draft.session)?.byPerson?.to ?? null;
  const delivery = await mailbox.outbox.deliver(id, TOOL_PATIENCE);
  const isWithoutCapsule = delivery.state === "stored" && delivery.isWithoutCapsule;
  return [
    deliveryText(delivery, receiver, config.machine),
    ...(left === null ? [] : [left]),
    ...(isWithoutCapsule ? [CAPSULE_NOT_SENT] : capsuleLine(capsule)),
    ...staysText(stays),
    ...beforeLine(draft, context),
  ].join("\n");
}

function isEmpty({ prompts, edits, files }: HandoverDraft): boolean {
  return prompts + edits + files === 0;
}

const NOTHING =
  "Nothing was sent: this session has done nothing yet, and this folder has no uncommitted or unpushed changes. " +
  'To hand over in your own words: hand_over {"content":"…","send":true}.';

const CAPSULE_NOT_SENT =
  "The capsule was NOT sent, only the text: this bridge stores no capsules or has no room for it, or the capsule was removed here. " +
  "The changes are still only on this machine. Tell the person.";

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
