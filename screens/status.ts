import { PhotonError } from "../client/bridge/photon-error.ts";
import { dataFolders, type Paths } from "../client/disk/paths.ts";
import { damagedFiles, textField } from "../client/disk/private-file.ts";
import { gitTrouble } from "../client/git/git-trouble.ts";
import { nameClash } from "../client/machines/name-clash.ts";
import { type Standing, standingOf } from "../client/machines/standing.ts";
import { destinationOf, notHeld } from "../client/mail/destination.ts";
import type { Mailbox } from "../client/mail/mailbox.ts";
import { readFailed } from "../client/mail/outbox-folder.ts";
import { type SentStatus, sentStatus } from "../client/mail/sent-status.ts";
import { listeningSessions } from "../client/sessions/session-state.ts";
import { type Config, isSetUp } from "../client/settings/config.ts";
import { defaultNameSource } from "../client/settings/identity.ts";
import { groupsFor, unreadFor } from "../client/text/announcement.ts";
import { cleanLine } from "../client/text/clean-text.ts";
import { counted } from "../client/text/counted.ts";
import { formatAge, formatAgo } from "../client/text/format-age.ts";
import { type TellableMail, tellable } from "../client/text/tellable-mail.ts";
import { wakeLine } from "../client/wake/wake-line.ts";
import type { UnreadSummary } from "../contract/api.ts";
import { listDrafts } from "../handover/draft/draft-store.ts";
import type { Answer } from "./answer.ts";
import { connectionText } from "./connection-text.ts";
import { RETRIES } from "./delivery-words.ts";
import { failureOf } from "./failure.ts";
import { wrap, wrapFirst } from "./text-width.ts";
import { CODE, type Viewer } from "./viewer.ts";
import { takesWork, workLine } from "./work-line.ts";

/** How many of the messages sent last are shown. */
const MAX_SENT = 10;

/** A message that is not sent for so short a time is on its way. */
const MENTIONED_AGE_MS = 60_000;

/** The column in which the texts begin, after their names. */
const TEXT_COLUMN = 9;

/** This machine's settings, its unread messages by sender, the messages sent last with their receipts, and the outbox. */
export async function statusScreen(viewer: Viewer): Promise<Answer> {
  const { mailbox, config, session, paths, env, folder } = viewer;
  const asked = await ask(mailbox);
  const local = localState(config, paths); // after ask(), which also sends the outbox
  const sent = await sentStatus(mailbox, paths, MAX_SENT, Date.now());
  const wakes = wakeLine({ env, paths, config, now: Date.now() });
  const clash = nameClash(paths, config.machine);
  const trouble = gitTrouble(folder);
  const sessions = listeningSessions(paths).filter(({ workerUrl }) => workerUrl === config.workerUrl);
  const failure = asked instanceof PhotonError ? failureOf(asked) : null;
  const unread = asked instanceof PhotonError ? null : unreadState(tellable(asked, paths, config), session);
  const standing = standingOf(mailbox.membership, asked instanceof PhotonError ? asked.code : null);
  // It has columns, and what was sent may be foreign text.
  const indent = viewer.isMarkdown ? CODE : "";
  const rows: readonly (readonly [string, string])[] = [
    ["bridge", bridgeText(config, failure === null, standing)],
    ...(unread === null ? [] : [["unread", unreadText(unread, viewer)] as const]),
    ["outbox", outboxText(local)],
    ...mailbox.outbox.held.map((sentence) => ["held", sentence] as const),
    ...local.failed.map(({ to, reason }) => ["failed", `to ${to}: ${reason}`] as const),
    ...(sent.length === 0 ? [] : [["sent", sent.map(sentText).join("\n")] as const]),
    ...local.damaged.map((file) => ["damaged", `${file} could not be read and was set aside`] as const),
    ...(clash === null ? [] : [["name", clash] as const]),
    ...(trouble === null ? [] : [["git", `${trouble.sentence} → ${trouble.advice}`] as const]),
    ...(sessions.length === 0
      ? []
      : [["sessions", connectionText(sessions, Date.now(), failure?.code !== "offline")] as const]),
    ...(wakes === null ? [] : [["wakes", wakes.replace(/^Wakes: /, "")] as const]),
    ...(isSetUp(config) ? [["work", workLine(paths, config)] as const] : []),
    ["drafts", local.drafts === 0 ? "none" : `${counted(local.drafts, "draft")} of handovers (\`photon drafts\`)`],
  ];
  return {
    text: [
      wrapFirst(`${mailbox.self}  ${selfText(config)}`, viewer),
      ...(viewer.isMarkdown ? [""] : []), // code needs an empty line before it
      ...rows.map(([name, text]) => row(name, text, viewer.columns - indent.length).replaceAll(/^/gm, indent)),
    ].join("\n"),
    json: {
      address: mailbox.self,
      machine: config.machine,
      project: config.project,
      bridge: config.workerUrl,
      joined: standing === "joined",
      handover: config.handover,
      capsule: config.capsule,
      workGoesAlong: takesWork(paths, config),
      unread: unread?.count ?? null,
      groups: unread?.groups ?? [],
      ...local,
      held: mailbox.outbox.held,
      sent: sent.map(({ sentAt, ...rest }) => ({ ...rest, sentAt: isoTime(sentAt) })),
      ...(clash === null ? {} : { nameClash: clash }),
      ...(trouble === null ? {} : { git: trouble.sentence }),
      sessions: sessions.map(({ session, reader, how, since }) => ({ session, reader, how, since: isoTime(since) })),
      ...(failure === null ? {} : { error: failure.message, code: failure.code }),
    },
    warnings: failure === null ? [] : [failure.message],
    exitCode: failure === null ? 0 : 1,
  };
}

/** A name, and its text in a column of its own. */
function row(name: string, text: string, columns: number): string {
  const lines = wrap(text, columns - TEXT_COLUMN, 2).replaceAll("\n", `\n${" ".repeat(TEXT_COLUMN)}`);
  return `${name.padEnd(TEXT_COLUMN)}${lines}`;
}

function bridgeText({ workerUrl, problems }: Config, isAnswering: boolean, standing: Standing): string {
  const url = workerUrl ?? (problems.length > 0 ? "unknown" : "not set up");
  if (standing === "out") return `${url} no longer accepts this machine: it was revoked there`;
  return `${url}${isAnswering ? " answers" : ""}${standing === "joined" ? ", joined" : ""}`;
}

/** An unreachable bridge is a result here, not an error. */
async function ask(mailbox: Mailbox): Promise<UnreadSummary | PhotonError> {
  try {
    return await mailbox.unread.fetch();
  } catch (error) {
    if (error instanceof PhotonError) return error;
    throw error;
  }
}

interface LocalState {
  readonly outbox: number;
  readonly oldestQueuedAt: string | null;
  readonly failed: readonly {
    readonly failedAt: string;
    readonly to: string;
    readonly reason: string;
    readonly file: string;
  }[];
  /** Files that were set aside. */
  readonly damaged: readonly string[];
  readonly drafts: number;
}

function localState(config: Config, paths: Paths): LocalState {
  const waiting = notHeld(paths, destinationOf(config, paths));
  const [oldest] = waiting;
  return {
    outbox: waiting.length,
    oldestQueuedAt: oldest === undefined ? null : isoTime(oldest.queuedAt),
    damaged: damagedFiles(dataFolders(paths)),
    failed: readFailed(paths).map(({ failedAt, reason, file, draft }) => ({
      failedAt: isoTime(failedAt),
      to: cleanLine(textField(draft, "to") ?? "everyone", 170),
      reason: cleanLine(reason, 300),
      file,
    })),
    drafts: listDrafts(paths).length,
  };
}

/** A sent message: receiver, age, the beginning of its text, receipts. */
function sentText({ to, sentAt, preview, line }: SentStatus): string {
  return `to ${to ?? "everyone"}, ${formatAgo(sentAt, Date.now())}, ${JSON.stringify(preview)}\n  ${line}`;
}

function unreadState(mail: TellableMail, session: string | null) {
  const groups = groupsFor(mail, session).map(({ sender, kind, unread, latest }) => ({
    from: sender,
    kind,
    unread,
    latest: latest.timestamp,
  }));
  return { count: unreadFor(mail, session), groups };
}

function unreadText({ count, groups }: ReturnType<typeof unreadState>, { commands }: Viewer): string {
  if (count <= 0) return "nothing";
  const rest = count - groups.reduce((sum, group) => sum + group.unread, 0);
  const lines = groups.map(
    ({ from, kind, unread, latest }) =>
      `${counted(unread, kind)} from ${from}, newest ${formatAgo(Date.parse(latest), Date.now())}`,
  );
  const hasHandover = groups.some(({ kind }) => kind === "handover");
  const how = `\`${commands.inbox}\` lists them${hasHandover ? `, \`${commands.resume}\` resumes a handover` : ""}.`;
  return [String(count), ...[...lines, ...(rest > 0 ? [`${rest} more`] : []), how].map((line) => `  ${line}`)].join(
    "\n",
  );
}

function outboxText({ outbox, oldestQueuedAt }: LocalState): string {
  if (oldestQueuedAt === null) return "empty: everything is sent";
  const ageMs = Date.now() - Date.parse(oldestQueuedAt);
  const age = ageMs < MENTIONED_AGE_MS ? "" : `, the oldest for ${formatAge(ageMs)}`;
  return `${counted(outbox, "message")} not sent yet${age}. ${RETRIES}`;
}

function selfText({ machine, project, handover, sources }: Config): string {
  const name =
    sources.machine === "default"
      ? defaultNameSource(machine).replace(/^from the host's name$/, "named after the host")
      : `named by the ${sources.machine}`;
  return `(${name}; ${project === null ? "in no project" : `project ${project}`}; handover ${handover})`;
}

/** The time comes from a file, so it may be outside what a Date can hold. */
function isoTime(ms: number): string {
  return new Date(Math.abs(ms) <= MAX_TIME_MS ? ms : 0).toISOString();
}

const MAX_TIME_MS = 8.64e15;
