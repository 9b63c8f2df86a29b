import * as z from "zod";
import { PhotonError, type PhotonErrorCode } from "../../client/bridge/photon-error.ts";
import { type Standing, standingOf } from "../../client/machines/standing.ts";
import { destinationOf, notHeld } from "../../client/mail/destination.ts";
import { readFailed } from "../../client/mail/outbox-folder.ts";
import { sentStatus } from "../../client/mail/sent-status.ts";
import { announceAtStart, groupsFor, unreadFor } from "../../client/text/announcement.ts";
import { counted } from "../../client/text/counted.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { handoverOffer } from "../../client/text/handover-offer.ts";
import { addressName } from "../../client/text/names.ts";
import { type TellableMail, tellable } from "../../client/text/tellable-mail.ts";
import { wakeLine } from "../../client/wake/wake-line.ts";
import type { UnreadSummary } from "../../contract/api.ts";
import { display } from "../bare/display.ts";
import type { ServerContext } from "../context.ts";
import { defineTool } from "./define-tool.ts";

/** `photon status` shows more. */
const MAX_SENT = 3;

export const checkMessages = defineTool({
  name: "check_messages",
  description:
    "Photon mailbox, across machines, kept until read: shows this machine's unread messages by sender and kind, its outbox (not sent yet), receipts of its last sent messages, its name and settings, and whether the bridge answers.",
  // A mod may call only tools that the model sees too.
  input: z.strictObject({ display: z.string().nullish().describe("for Photon's own display") }),
  annotations: { readOnlyHint: true, openWorldHint: true },
  async run({ display: wanted }, context, caller) {
    if (wanted) return display(wanted, context, caller === "mod");
    const question = context.mail.ask();
    const { lines, summary, refusal } = await askBridge(context);
    const text = [
      ...lines,
      ...outboxLines(context),
      ...(await sentLines(context)),
      ...wakeLines(context),
      selfLine(context, refusal),
    ].join("\n");
    return { text, whenSent: () => summary && learn(context, summary, question) };
  },
});

/** Records that the session knows about this mail; first, because otherwise `learn` could wake the session for it. */
function learn(context: ServerContext, summary: UnreadSummary, question: number): void {
  const announced = announceAtStart(fitToTell(summary, context), context.session)?.covers ?? null;
  if (announced !== null) context.noteAnnounced(announced);
  context.mail.learn(summary, question);
}

interface Asked {
  readonly lines: readonly string[];
  /** null if the bridge did not say. */
  readonly summary: UnreadSummary | null;
  readonly refusal: PhotonErrorCode | null;
}

/** An unreachable bridge is a result here, not an error. */
async function askBridge(context: ServerContext): Promise<Asked> {
  const { mailbox, now } = context;
  let start = 0;
  try {
    const summary = await mailbox.unread.fetch(() => {
      start = performance.now();
    });
    const roundTripMs = Math.round(performance.now() - start);
    const lines = [
      ...unreadLines(fitToTell(summary, context), context),
      `Bridge: ${mailbox.config.workerUrl} answered in ${roundTripMs} ms.`,
    ];
    return { lines, summary, refusal: null };
  } catch (error) {
    if (!(error instanceof PhotonError) || error.code === "not_set_up") throw error;
    const known = context.mail.last;
    const lines = [
      `The unread messages cannot be checked now: ${error.message}`,
      ...(error.code === "unauthorized" ? ["Ask the person to run /photon:setup."] : []),
      ...(known ? [`Last known, ${formatAgo(known.askedAt, now())}:`] : []),
      ...(known ? unreadLines(fitToTell(known.summary, context), context) : []),
      `Bridge: ${mailbox.config.workerUrl} is not usable now.`,
    ];
    return { lines, summary: null, refusal: error.code };
  }
}

/** The last messages sent from here, with receipts; only the queued ones if the bridge cannot be asked. */
async function sentLines({ mailbox, paths, now }: ServerContext): Promise<string[]> {
  const sent = await sentStatus(mailbox, paths, MAX_SENT, now());
  const lines = sent.map(({ to, sentAt, preview, line }) => {
    return `- to ${to === null ? "everyone" : addressName(to, mailbox.config.project)}, ${formatAgo(sentAt, now())}, ${JSON.stringify(preview)}: ${line}`;
  });
  return lines.length === 0 ? [] : ["Last sent from this machine:", ...lines];
}

function fitToTell(summary: UnreadSummary, { paths, mailbox }: ServerContext): TellableMail {
  return tellable(summary, paths, mailbox.config);
}

function unreadLines(summary: TellableMail, { session, mailbox, now }: ServerContext): string[] {
  const unread = unreadFor(summary, session);
  if (unread <= 0) return [`Nothing unread for ${mailbox.self}.`];
  const groups = groupsFor(summary, session);
  const rest = unread - groups.reduce((total, group) => total + group.unread, 0);
  const offer = handoverOffer(groups, now());
  return [
    `Unread for ${mailbox.self}: ${unread}. Read with read_messages {"unread_only":true}.`,
    ...groups.map(
      ({ kind, sender, unread: count, latest }) =>
        `- ${count} ${kind} from ${sender}, newest ${formatAgo(Date.parse(latest.timestamp), now())}`,
    ),
    ...(rest > 0 ? [`- ${rest} more`] : []),
    ...(offer
      ? [`There is a handover, ${offer}: offer it to the person (/photon:resume). Do not start on it unasked.`]
      : []),
  ];
}

function outboxLines({ paths, now, mailbox }: ServerContext): string[] {
  const waiting = notHeld(paths, destinationOf(mailbox.config, paths));
  const failed = readFailed(paths);
  const [oldest] = waiting;
  const latest = failed.at(-1);
  return [
    oldest
      ? `Outbox: ${counted(waiting.length, "message")} not sent yet, the oldest queued ${formatAgo(oldest.queuedAt, now())}. Photon retries until the bridge has them.`
      : "Outbox: empty, everything is sent.",
    ...mailbox.outbox.held,
    ...(latest
      ? [
          `${counted(failed.length, "message")} could not be delivered; the person can see, retry and drop them with \`photon failed\` in a terminal. The last reason: ${latest.reason}`,
        ]
      : []),
  ];
}

function wakeLines({ env, paths, config, now }: ServerContext): string[] {
  const line = wakeLine({ env, paths, config, now: now() });
  return line === null ? [] : [line];
}

function selfLine({ mailbox }: ServerContext, refusal: PhotonErrorCode | null): string {
  const { machine, project, handover } = mailbox.config;
  const joined = JOINED[standingOf(mailbox.membership, refusal)];
  return `This is machine ${machine}, ${project === null ? "in no project" : `project ${project}`}; handover policy ${handover}. It ${joined}.`;
}

const JOINED: Readonly<Record<Standing, string>> = {
  joined: "has joined",
  out: "is no longer accepted by the bridge, where it was revoked",
  "shared key": "has not joined, so other machines see its messages as unverified",
};
