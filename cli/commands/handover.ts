import { type Command, Option } from "commander";
import { encryptionLine } from "../../client/encryption/encryption-line.ts";
import { maskedLine } from "../../client/secrets/mask-secrets.ts";
import { cleanLine, cleanText } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { AddressText } from "../../contract/message.ts";
import type { ConversationOutcome } from "../../handover/conversation/build-conversation.ts";
import { findTranscript } from "../../handover/conversation/client-folder.ts";
import { conversationText } from "../../handover/conversation/conversation-text.ts";
import { beforeText, draftBefore } from "../../handover/draft/draft-before.ts";
import type { HandoverDraft } from "../../handover/draft/draft-store.ts";
import { readOpen } from "../../handover/draft/open-sessions.ts";
import { readPublication } from "../../handover/draft/publication-store.ts";
import { publishDraft, requireOther } from "../../handover/publish/publish.ts";
import { staysSection } from "../../handover/publish/stays-here.ts";
import { type CapsuleOutcome, capsuleSection, tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import { tryBuildConversation } from "../../handover/publish/work-conversation.ts";
import type { Answer } from "../../screens/answer.ts";
import {
  CAPSULE_NOT_SENT,
  encryptionJson,
  handedOverLine,
  onlyTextLine,
  refusedText,
  whyQueuedFails,
} from "../../screens/delivery-words.ts";
import { CommandFailed, UsageError } from "../../screens/failure.ts";
import { wrap } from "../../screens/text-width.ts";
import type { CliContext, Run } from "../context.ts";
import { allowedBy, FindingCode, isQueuedEnough, QUEUE_OPTION, type Queueing } from "../messages/sending.ts";
import { type WantedDraft, wantedDraft } from "../messages/wanted-draft.ts";
import { argumentOf, argumentsOf } from "../terminal/arguments.ts";
import { askYes } from "../terminal/person-only.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { type HandoverAllOptions, handoverAll } from "./handover-all.ts";

interface HandoverOptions extends Queueing, HandoverAllOptions {
  readonly all?: true;
  readonly draft?: true;
  readonly send?: true;
  /** Undefined: a sent handover has a capsule unless the settings forbid it. */
  readonly capsule?: boolean;
  readonly conversation?: true;
  readonly to?: string;
  readonly allow?: string[];
  readonly json?: true;
}

export function addHandover(program: Command, run: Run): void {
  program
    .command("handover")
    .summary("hand a session's work over to another machine")
    .description(
      "Shows the handover of a session: in a session of Claude Code its own, as it is now; elsewhere the given one's, or that of this project's newest session, which it names. --send sends it, together with the capsule: your uncommitted and unpushed changes. If there is no draft, the handover describes the git state of this folder.",
    )
    .argument("[session]", "a session's id, as `photon drafts` shows it")
    .option("--draft", "only show the draft (the default)")
    .addOption(new Option("--send", "send it; it replaces the session's earlier handover").conflicts("draft"))
    .option("--capsule", "include your uncommitted and unpushed changes; without --send, list what would be included")
    .option("--no-capsule", "send only the text")
    .option("--conversation", "include this session's conversation, encrypted; without --send, say how large it is")
    .option("--to <address>", "send to one machine; default: every machine in the project", argumentOf(AddressText))
    .option(
      "--allow <code>",
      "send this finding of the scan for secrets anyway; may be repeated",
      argumentsOf(FindingCode),
    )
    .option(...QUEUE_OPTION)
    .addOption(
      new Option(
        "--all",
        "hand over what only this machine has, of every project it knows: uncommitted changes, unpushed branches, stashes; shows them and asks first",
      ).conflicts(["draft", "send", "capsule", "allow", "queue"]),
    )
    .option("--dry-run", "with --all: only show what would be sent")
    .option("-y, --yes", "with --all: do not ask")
    .addHelpText(
      "after",
      `
Examples:
  photon handover                     show the draft
  photon handover --capsule           also list which files would be included and which not
  photon handover --send              send it to every machine in this project
  photon handover --send --to pc      send it to one machine
  photon handover --send --no-capsule send only the text
  photon handover --send --conversation
                                      with the conversation, for \`claude --resume\`
  photon handover --all --to pc       everything that only this machine has

Exit codes of --send: as of \`photon send\`.`,
    )
    .action((session: string | undefined, given: HandoverOptions, command: Command) => {
      const options = { ...given, ...command.optsWithGlobals<HandoverOptions>() };
      if (options.all ? session !== undefined : options.dryRun || options.yes)
        throw new UsageError("--dry-run and --yes belong to --all, and --all takes no session.");
      return run((context) => (options.all ? handoverAll(context, options) : handover(context, session, options)));
    });
}

async function handover(
  context: CliContext,
  session: string | undefined,
  { send, capsule, conversation, to, allow, queue, json }: HandoverOptions,
): Promise<Answer> {
  const { config } = context;
  const wanted = wantedDraft(context, session);
  const { draft } = wanted;
  if (capsule && config.capsule === "off")
    throw new UsageError("Capsules are switched off: remove PHOTON_CAPSULE=off, or the capsule setting, first.");
  const isWanted = capsule ?? (send === true && config.capsule !== "off");
  if (send) requireOther(context.mailbox, to ?? null);
  if (send) await context.mailbox.outbox.requireRecipient(to ?? null);
  const outcome = isWanted ? await tryBuildCapsule(draft.folder) : null;
  if (capsule && send && outcome?.built === null) throw new CommandFailed("no_capsule", `Not sent. ${outcome.why}`);
  const allowed = allowedBy(context, allow ?? []);
  const talk = conversation ? await conversationFor(context, draft, outcome, allowed) : null;
  if (send && talk?.built === null) throw new CommandFailed("no_conversation", `Not sent. ${talk.why}`);
  if (send && !json) await sayWhose(wanted, context);
  return send
    ? sent(context, draft, { to, capsule: outcome, talk, allow: allowed, queue })
    : shown(wanted, context, { capsule: outcome, talk, stays: await staysSection(draft) });
}

/**
 * A person reads whose handover it is before it is sent, and at a terminal agrees to one that they did not name. Printed to
 * stderr, because stdout is for the result.
 */
async function sayWhose({ whose, isNewest }: WantedDraft, { stderr, columns }: CliContext): Promise<void> {
  stderr.write(`${wrap(`${whose}.`, columns)}\n`);
  if (!isNewest || !isInteractive() || (await askYes("Send the handover of this session?", true))) return;
  throw new CommandFailed("cancelled", "Not sent. `photon drafts` lists the sessions.");
}

/** After `/clear`, the person may mean the work of the session before. */
function beforeLine(draft: HandoverDraft, { paths, session }: CliContext): string[] {
  const before = draft.session === session ? draftBefore(paths, draft, Date.now()) : null;
  return before === null ? [] : [beforeText(paths, before, Date.now())];
}

function conversationFor(
  { paths, config, env }: CliContext,
  draft: HandoverDraft,
  capsule: CapsuleOutcome | null,
  allow: readonly string[],
): Promise<ConversationOutcome> {
  const transcriptPath = readOpen(paths, draft.session)?.transcriptPath || findTranscript(env, draft.session);
  return tryBuildConversation(draft, capsule, { paths, config, transcriptPath, allow });
}

/** What a handover would carry besides its text, and what it would name. */
interface Content {
  readonly capsule: CapsuleOutcome | null;
  readonly talk: ConversationOutcome | null;
  readonly stays: string | null;
}

function shown({ draft, whose }: WantedDraft, context: CliContext, { capsule, talk, stays }: Content): Answer {
  const { session, project, text, savedAt } = draft;
  const sections = [
    `${whose}:`,
    text,
    stays,
    capsule && capsuleSection(capsule, null),
    talk && `## Conversation\n\n${conversationText(talk)}`,
    ...beforeLine(draft, context),
  ];
  return {
    text: cleanText(sections.filter((section) => section !== null).join("\n\n")),
    json: {
      session,
      project,
      savedAt: new Date(savedAt).toISOString(),
      text,
      sent: false,
      stays,
      ...capsuleJson(capsule),
      ...conversationJson(talk),
    },
  };
}

interface Sending {
  readonly to: string | undefined;
  readonly capsule: CapsuleOutcome | null;
  readonly talk: ConversationOutcome | null;
  readonly allow: readonly string[];
  readonly queue: true | undefined;
}

async function sent(
  context: CliContext,
  draft: HandoverDraft,
  { to, capsule, talk, allow, queue }: Sending,
): Promise<Answer> {
  const { paths, config, mailbox } = context;
  const { id, masked, stays } = await publishDraft(paths, config, draft, {
    to,
    capsule,
    conversation: talk,
    allow,
    author: isInteractive() && context.session === null ? "person" : "agent",
  });
  const left = maskedLine(masked);
  const delivery = await mailbox.outbox.deliver(id);
  const isWithoutCapsule = delivery.state === "stored" && delivery.isWithoutCapsule === true;
  const address = readPublication(paths, draft.session)?.byPerson?.to ?? null;
  const receiver = address ?? "everyone";
  const json = {
    session: draft.session,
    id,
    to: receiver,
    state: delivery.state,
    masked,
    stays,
    ...encryptionJson(delivery),
    ...capsuleJson(isWithoutCapsule ? capsule && { ...NOT_SENT, leavesWork: true } : capsule),
    ...conversationJson(isWithoutCapsule ? talk && NOT_SENT : talk),
  };
  if (delivery.state === "failed") throw new CommandFailed("refused", refusedText(delivery.reason));
  const reason = delivery.state === "queued" ? cleanLine(delivery.reason, 300) : null;
  const warnings = left === null ? [] : [left];
  const code = delivery.state === "queued" ? delivery.code : null;
  const fails =
    reason === null ? null : whyQueuedFails(reason, code, isQueuedEnough(context, { ...(queue && { queue }) }));
  if (fails !== null) {
    return {
      text: "",
      json: { ...json, reason, ...(code !== null && { code }) },
      warnings: [fails, ...warnings],
      exitCode: 1,
    };
  }
  if (isWithoutCapsule) return { text: "", json, warnings: [onlyTextLine(receiver), ...warnings], exitCode: 1 };
  const encryption = delivery.state === "stored" ? encryptionLine({ ...delivery, to: address }, config.machine) : null;
  return {
    text: [
      handedOverLine(receiver, reason),
      ...(encryption === null ? [] : [encryption]),
      ...(capsule === null ? [] : [capsuleText(capsule)]),
      ...(talk === null ? [] : [`With the conversation: ${conversationText(talk)}`]),
      ...(stays === null ? [] : ["", cleanText(stays)]),
      ...beforeLine(draft, context),
    ].join("\n"),
    json: { ...json, ...(reason !== null && { reason }) },
    warnings,
  };
}

const NOT_SENT = { built: null, why: CAPSULE_NOT_SENT } as const;

function capsuleText(capsule: CapsuleOutcome): string {
  if (capsule.built === null) return `Without a capsule. ${capsule.why}`;
  const { files, excluded, commitsLeftOut, needsRemote } = capsule.built;
  const left = excluded.map(({ path, reason }) => `  left out: ${cleanLine(path, 120)}, ${reason}`);
  const notes = [commitsLeftOut, needsRemote].filter((note) => note !== null);
  return [`With a capsule of your changes: ${counted(files.length, "file")}.`, ...left, ...notes].join("\n");
}

function conversationJson(talk: ConversationOutcome | null): Record<string, unknown> {
  if (talk === null) return {};
  if (talk.built === null) return { conversation: null, whyNoConversation: talk.why };
  const { bytes, ...about } = talk.built;
  return { conversation: { ...about, bytes: bytes.length } };
}

function capsuleJson(outcome: CapsuleOutcome | null): Record<string, unknown> {
  if (outcome === null) return {};
  if (outcome.built === null) return { capsule: null, whyNoCapsule: outcome.why };
  const { files, excluded, bytes, sha256, commits, commitsLeftOut, needsRemote } = outcome.built;
  return { capsule: { sha256, bytes: bytes.length, files, excluded, commits, commitsLeftOut, needsRemote } };
}
