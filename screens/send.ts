import { encryptionLine } from "../client/encryption/encryption-line.ts";
import type { Outgoing, Sent } from "../client/mail/outbox.ts";
import { recipientsLine } from "../client/mail/sent-status.ts";
import { type Finding, maskedLine } from "../client/secrets/mask-secrets.ts";
import { cleanLine } from "../client/text/clean-text.ts";
import { projectLine } from "../client/text/project-line.ts";
import { isSameName } from "../contract/address.ts";
import type { MessageKind } from "../contract/message.ts";
import type { Answer } from "./answer.ts";
import { encryptionJson, RETRIES, refusedText, whyQueuedFails } from "./delivery-words.ts";
import { fullIds, SHORT_ID_CHARS } from "./message-ids.ts";
import { wrapFirst } from "./text-width.ts";
import type { Viewer } from "./viewer.ts";

export interface SendRequest {
  /** null means everyone. */
  readonly to: string | null;
  readonly content: string;
  readonly kind?: MessageKind | undefined;
  readonly tags?: readonly string[] | undefined;
  /** An id or the beginning of one. */
  readonly replyTo?: string | undefined;
  readonly expiresInSeconds?: number | undefined;
  readonly allow?: readonly string[] | undefined;
  /** Whether something will send a queued message later. */
  readonly isQueuedEnough: boolean;
  readonly author: NonNullable<Outgoing["author"]>;
}

/** Sends a message, and says what became of it. */
export async function sendScreen(viewer: Viewer, request: SendRequest): Promise<Answer> {
  const { mailbox, session } = viewer;
  const { to, content, kind, tags = [], expiresInSeconds, allow, author } = request;
  const [replyTo] = request.replyTo === undefined ? [] : await fullIds(viewer, [request.replyTo]);
  const sent = await mailbox.outbox.send({
    content,
    to,
    tags: [...tags],
    kind: kind ?? (replyTo === undefined ? "note" : "reply"),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
    ...(session === null ? {} : { session }),
    ...(allow === undefined ? {} : { allow }),
    author,
  });
  const answer = await answerFor(sent, request, viewer);
  return withSender(withMasked({ ...answer, text: wrapFirst(answer.text, viewer) }, sent.masked), viewer);
}

/** Adds the secrets that were masked. The message was sent without them. */
function withMasked(answer: Answer, masked: readonly Finding[]): Answer {
  const line = maskedLine(masked);
  if (line === null) return answer;
  return { ...answer, json: { ...answer.json, masked }, warnings: [...(answer.warnings ?? []), line] };
}

/** Warns that the sender is named after the host, because others answer to that name: in a container it changes every time. */
function withSender(answer: Answer, { mailbox, config }: Viewer): Answer {
  const isNamed = config.sources.machine !== "default";
  const warning = `Sent as ${mailbox.self}, named after the host. Set BRIDGE_MACHINE_ID or run \`photon setup\` to choose a name.`;
  return {
    ...answer,
    json: { ...answer.json, from: mailbox.self, isHostName: !isNamed },
    warnings: [...(answer.warnings ?? []), ...(isNamed || answer.exitCode === 1 ? [] : [warning])],
  };
}

/** "Stored" and "Queued" come first, so that nobody confuses them. */
async function answerFor(sent: Sent, { to, isQueuedEnough }: SendRequest, viewer: Viewer): Promise<Answer> {
  const { mailbox, isForClaude, session, paths, config } = viewer;
  const receiver = to ?? "everyone";
  const { id, state } = sent;
  const asked = projectLine(paths, to, config.project);
  const shownId = isForClaude ? id : id.slice(0, SHORT_ID_CHARS);
  if (sent.state === "stored") {
    const { timestamp } = sent;
    const isToSelf = to !== null && session !== null && isSameName(to, mailbox.self);
    const note = isToSelf ? " This is your session's own address: only other sessions here see it as unread." : "";
    const known = await recipientsLine(mailbox, to, Date.now());
    const encryption = encryptionLine({ ...sent, to }, mailbox.config.machine);
    const lines = [`Stored on the bridge for ${receiver} (id ${shownId}).${note}`, encryption, known, asked];
    return {
      text: lines.filter((line) => line !== null).join("\n"),
      json: { state, id, to, timestamp, ...encryptionJson(sent), ...(known !== null && { recipients: known }) },
    };
  }
  const reason = cleanLine(sent.reason, 400);
  if (sent.state === "queued") {
    const { waiting, code } = sent;
    const json = { state, id, to, reason, waiting, ...(code !== null && { code }) };
    const fails = whyQueuedFails(reason, code, isQueuedEnough);
    if (fails !== null) return { text: "", json, warnings: [fails], exitCode: 1 };
    return {
      text: [`Queued on this machine for ${receiver}, not sent yet (id ${shownId}, ${waiting} waiting).`, asked]
        .filter((line) => line !== null)
        .join("\n"),
      json,
      warnings: [`${reason} ${RETRIES}`],
    };
  }
  const json = { state, id, to, error: reason, code: "refused" };
  return { text: "", json, warnings: [refusedText(reason)], exitCode: 1 };
}
