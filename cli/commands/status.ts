import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { dataFolders, type Paths } from "../../client/disk/paths.ts";
import { damagedFiles, textField } from "../../client/disk/private-file.ts";
import { gitTrouble } from "../../client/git/git-trouble.ts";
import { nameClash } from "../../client/machines/name-clash.ts";
import { destinationOf, waitingFor } from "../../client/mail/destination.ts";
import { readFailed } from "../../client/mail/outbox-folder.ts";
import { type SentStatus, sentStatus } from "../../client/mail/sent-status.ts";
import { listeningSessions } from "../../client/sessions/session-state.ts";
import type { Config } from "../../client/settings/config.ts";
import { defaultNameSource } from "../../client/settings/identity.ts";
import { groupsFor, unreadFor } from "../../client/text/announcement.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { formatAge, formatAgo } from "../../client/text/format-age.ts";
import { type TellableMail, tellable } from "../../client/text/tellable-mail.ts";
import { wakeLine } from "../../client/wake/wake-line.ts";
import type { UnreadSummary } from "../../contract/api.ts";
import { listDrafts } from "../../handover/draft/draft-store.ts";
import type { CliContext, Run } from "../context.ts";
import { connectionText } from "../doctor/connection-checks.ts";
import { RETRIES } from "../messages/sending.ts";
import type { Answer } from "../terminal/answer.ts";
import { failureOf } from "../terminal/failure.ts";

/** How many of the messages sent last are shown. */
const MAX_SENT = 10;

export function addStatus(program: Command, run: Run): void {
  program
    .command("status")
    .summary("show this machine's settings, unread messages and outbox")
    .description(
      "Shows this machine's name and settings, its unread messages by sender, whether the last sent messages were read, and the outbox: messages that are not sent yet. Like every command it first tries to send the outbox.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon status
  photon status --json | jq .unread

Exit code 1 if the bridge cannot be reached; the state of this machine is shown anyway.`,
    )
    .action(() => run(status));
}

async function status(context: CliContext): Promise<Answer> {
  const { mailbox, config, session, paths, env, folder } = context;
  const asked = await ask(context);
  const local = localState(config, paths); // after ask(), which also sends the outbox
  const sent = await sentStatus(mailbox, paths, MAX_SENT, Date.now());
  const wakes = wakeLine({ env, paths, config, now: Date.now() });
  const clash = nameClash(paths, config.machine);
  const trouble = gitTrouble(folder);
  const sessions = listeningSessions(paths).filter(({ workerUrl }) => workerUrl === config.workerUrl);
  const failure = asked instanceof PhotonError ? failureOf(asked) : null;
  const unread = asked instanceof PhotonError ? null : unreadState(tellable(asked, paths, config), session);
  return {
    text: [
      `${mailbox.self}  ${selfText(config)}`,
      `bridge   ${config.workerUrl ?? (config.problems.length > 0 ? "unknown" : "not set up")}${failure === null ? " answers" : ""}${mailbox.membership === null ? "" : ", joined"}`,
      ...(unread === null ? [] : [`unread   ${unreadText(unread)}`]),
      `outbox   ${outboxText(local)}`,
      ...mailbox.outbox.held.map((sentence) => `held     ${sentence}`),
      ...local.failed.map(({ to, reason }) => `failed   to ${to}: ${reason}`),
      ...(sent.length === 0 ? [] : [`sent     ${sent.map(sentText).join("\n         ")}`]),
      ...local.damaged.map((file) => `damaged  ${file} could not be read and was set aside`),
      ...(clash === null ? [] : [`name     ${clash}`]),
      ...(trouble === null ? [] : [`git      ${trouble.sentence} → ${trouble.advice}`]),
      ...(sessions.length === 0 ? [] : [`sessions ${connectionText(sessions, Date.now())}`]),
      ...(wakes === null ? [] : [`wakes    ${wakes.replace(/^Wakes: /, "")}`]),
      `drafts   ${local.drafts === 0 ? "none" : local.drafts}`,
    ].join("\n"),
    json: {
      address: mailbox.self,
      machine: config.machine,
      project: config.project,
      bridge: config.workerUrl,
      joined: mailbox.membership !== null,
      handover: config.handover,
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

/** An unreachable bridge is a result here, not an error. */
async function ask({ mailbox }: CliContext): Promise<UnreadSummary | PhotonError> {
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
  const waiting = waitingFor(paths, destinationOf(config, paths));
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
  return `to ${to ?? "everyone"}, ${formatAgo(sentAt, Date.now())}, ${JSON.stringify(preview)}\n           ${line}`;
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

function unreadText({ count, groups }: ReturnType<typeof unreadState>): string {
  if (count <= 0) return "nothing";
  const rest = count - groups.reduce((sum, group) => sum + group.unread, 0);
  const lines = groups.map(
    ({ from, kind, unread, latest }) =>
      `${counted(unread, kind)} from ${from}, newest ${formatAge(Date.now() - Date.parse(latest))} ago`,
  );
  return [String(count), ...lines, ...(rest > 0 ? [`${rest} more`] : [])].join("\n           ");
}

function outboxText({ outbox, oldestQueuedAt }: LocalState): string {
  if (oldestQueuedAt === null) return "empty: everything is sent";
  const age = formatAge(Date.now() - Date.parse(oldestQueuedAt));
  return `${counted(outbox, "message")} not sent yet, the oldest for ${age}. ${RETRIES}`;
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
