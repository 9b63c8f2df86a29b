import { encryptionLine } from "../../client/encryption/encryption-line.ts";
import { maskedLine } from "../../client/secrets/mask-secrets.ts";
import { cleanLine, cleanText } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { AddressText } from "../../contract/message.ts";
import { beforeText, draftBefore } from "../../handover/draft/draft-before.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { draftOfSession } from "../../handover/draft/draft-of-session.ts";
import type { HandoverDraft } from "../../handover/draft/draft-store.ts";
import { readPublication } from "../../handover/draft/publication-store.ts";
import { publishDraft, requireOther } from "../../handover/publish/publish.ts";
import { type CapsuleOutcome, tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import type { Answer } from "../../screens/answer.ts";
import { handedOverLine, onlyTextLine, refusedText, whyQueuedFails } from "../../screens/delivery-words.ts";
import { UsageError } from "../../screens/failure.ts";
import { wrap, wrapFirst } from "../../screens/text-width.ts";
import { CODE, type Viewer } from "../../screens/viewer.ts";

const USAGE = "Usage: /photon-handover [machine] --as-is";

/**
 * `/photon-handover [machine] --as-is`: hands this session over as it is now, with its capsule, and without a turn of Claude.
 *
 * @param isTyped - whether a person typed it
 */
export async function handOverAsIs(viewer: Viewer, args: string, isTyped: boolean): Promise<Answer> {
  const { mailbox, paths, config, columns } = viewer;
  const to = recipientIn(args);
  requireOther(mailbox, to ?? null);
  await mailbox.outbox.requireRecipient(to ?? null);
  const draft = draftFor(viewer);
  const capsule = config.capsule === "off" ? null : await tryBuildCapsule(draft.folder);
  const before = draftBefore(paths, draft, Date.now());
  const earlier = before === null ? [] : [wrap(beforeText(paths, before, Date.now()), columns)];
  if (draft.prompts + draft.edits + draft.files === 0 && capsule?.built === null && !capsule.leavesWork)
    return { text: [wrapFirst(NOTHING, viewer), ...earlier].join("\n"), json: { sent: false } };
  const author = isTyped ? "person" : "agent";
  const { id, masked, stays } = await publishDraft(paths, config, draft, { to, capsule, author });
  const delivery = await mailbox.outbox.deliver(id);
  if (delivery.state === "failed")
    return { text: wrapFirst(refusedText(cleanLine(delivery.reason, 400)), viewer), json: { id }, exitCode: 1 };
  const address = readPublication(paths, draft.session)?.byPerson?.to ?? null;
  const receiver = address ?? "everyone";
  const reason = delivery.state === "queued" ? cleanLine(delivery.reason, 300) : null;
  const fails = delivery.state === "queued" ? whyQueuedFails(reason ?? "", delivery.code, true) : null;
  if (fails !== null) return { text: wrapFirst(fails, viewer), json: { id }, exitCode: 1 };
  if (delivery.state === "stored" && delivery.isWithoutCapsule)
    return { text: wrapFirst(onlyTextLine(receiver), viewer), json: { id }, exitCode: 1 };
  const encryption = delivery.state === "stored" ? encryptionLine({ ...delivery, to: address }, config.machine) : null;
  const left = maskedLine(masked);
  return {
    text: [
      wrapFirst(handedOverLine(receiver, reason), viewer),
      ...[encryption, ...capsuleLines(capsule)].flatMap((line) => (line === null ? [] : wrap(line, columns))),
      ...(stays === null ? [] : ["", staysText(stays), ""]),
      ...earlier,
    ].join("\n"),
    json: { id, to: receiver, state: delivery.state },
    warnings: left === null ? [] : [left],
  };
}

const NOTHING =
  "Nothing was sent: this session has done nothing yet, and this folder has no uncommitted or unpushed changes. /photon-handover without --as-is hands over in Claude's words.";

function recipientIn(args: string): string | undefined {
  const [to, ...others] = args.split(/\s+/).filter((word) => word !== "" && word !== "--as-is");
  if (others.length > 0 || (to !== undefined && !AddressText.safeParse(to).success)) throw new UsageError(USAGE);
  return to?.toLowerCase() === "everyone" ? undefined : to;
}

function draftFor({ paths, config, session, folder }: Viewer): HandoverDraft {
  return session === null
    ? draftOfFolder(config, folder, { now: Date.now() })
    : draftOfSession(paths, config, session, folder);
}

function capsuleLines(capsule: CapsuleOutcome | null): string[] {
  if (capsule === null) return [];
  if (capsule.built === null) return [`Without a capsule. ${capsule.why}`];
  const { files, excluded, commitsLeftOut, needsRemote } = capsule.built;
  const named = excluded.length > 0 ? `, ${excluded.length} left out (the handover names them)` : "";
  return [
    `Capsule: ${counted(files.length, "file")}${named}.`,
    ...[commitsLeftOut, needsRemote].filter((note) => note !== null),
  ];
}

/** Names of branches and files may be foreign, so they are shown as code where Markdown is rendered. */
function staysText(section: string): string {
  return cleanText(section)
    .replace(/^## (.*)\n\n/, "$1:\n")
    .replaceAll(/^(?=.)/gm, CODE);
}
