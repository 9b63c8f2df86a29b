import { confirm, isCancel } from "@clack/prompts";
import { type Command, Option } from "commander";
import { cleanText } from "../../client/text/clean-text.ts";
import { formatClock } from "../../client/text/format-age.ts";
import { addressName, wholeAddress } from "../../client/text/names.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { originForPerson } from "../../client/trust/origin-words.ts";
import { MachineAddress, MessageId } from "../../contract/message.ts";
import { shellQuoted } from "../../handover/capsule/apply/write-safely.ts";
import { continueText } from "../../handover/conversation/conversation-text.ts";
import { appliedText, dryRunText, undoText } from "../../handover/resume/dry-run-text.ts";
import { findHandover } from "../../handover/resume/find-handover.ts";
import { applyWork, type DryRun, dryRun, type Place, whyNot } from "../../handover/resume/resume-handover.ts";
import { resumedBeforeText } from "../../handover/resume/resumed-before-text.ts";
import { noteApplied, reopenUndone } from "../../handover/resume/resumed-here.ts";
import type { Answer } from "../../screens/answer.ts";
import { CommandFailed, UsageError } from "../../screens/failure.ts";
import { foreignText, isForClaude } from "../../screens/foreign-text.ts";
import { handoversScreen } from "../../screens/handovers.ts";
import { fullIds } from "../../screens/message-ids.ts";
import { wrap } from "../../screens/text-width.ts";
import type { CliContext, Run } from "../context.ts";
import { decline, decliningOf } from "../messages/decline.ts";
import { argumentOf } from "../terminal/arguments.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { bold, dim, isInteractive } from "../terminal/terminal.ts";
import { resumeAll } from "./resume-all.ts";

interface ResumeOptions {
  readonly all?: true;
  readonly dryRun?: true;
  readonly here?: true;
  readonly yes?: true;
  readonly from?: string;
  readonly list?: true;
  /** A reason, an id, or true for neither. */
  readonly decline?: string | true;
  readonly json?: true;
}

export function addResume(program: Command, run: Run): void {
  program
    .command("resume")
    .summary("resume the work another machine handed over")
    .description(
      "Shows a handover and what its capsule (the other machine's uncommitted and unpushed changes) would change here, asks, and applies it: as a new branch in a new folder next to this repository, or with --here on the checked-out branch. It applies everything or nothing.",
    )
    .argument(
      "[id]",
      "the handover's id, or its first 4 or more characters; default: the newest unread one with a capsule for this project, or else the newest",
    )
    .option("--from <machine>", "the handover of one machine, such as pc or pc/photon", argumentOf(MachineAddress))
    .option("--list", "list the handovers")
    .addOption(
      new Option("--decline [why]", "decline it: tell the sender, and do not offer it here again").conflicts([
        "list",
        "dryRun",
        "here",
      ]),
    )
    .option("--dry-run", "only show what would change")
    .option("--here", "apply on the checked-out branch; the work tree must be clean")
    .addOption(
      new Option(
        "--all",
        "every open handover with a capsule, of all projects; after `photon handover --all`",
      ).conflicts("here"),
    )
    .option("-y, --yes", "do not ask")
    .addHelpText(
      "after",
      `
Examples:
  photon resume --dry-run
  photon resume
  photon resume --list
  photon resume 3f2a9c1d --here
  photon resume 3f2a9c1d --decline "Finish it on mac, please"
  photon resume --all

Files that other programs run automatically (hooks, CI, package scripts, editor tasks) are listed first. Photon prints the
command that undoes the change. The sender sees that the handover was resumed.`,
    )
    .action((id: string | undefined, options: ResumeOptions, command: Command) =>
      run((context) => {
        const all = { ...options, ...command.optsWithGlobals<ResumeOptions>() };
        if (all.all && id !== undefined) throw new UsageError("--all takes no id.");
        return all.all ? resumeAll(context, all) : resume(context, id, all);
      }),
    );
}

async function resume(context: CliContext, word: string | undefined, options: ResumeOptions): Promise<Answer> {
  const { mailbox, paths, session, folder } = context;
  const { from } = options;
  await reopenUndone(mailbox, paths);
  if (options.list) return handoversScreen(context, from);
  const words = [word, options.decline].filter((each) => typeof each === "string");
  const { id: given, why: reason } = options.decline ? decliningOf(words) : { id: word };
  const [id] = given === undefined ? [] : await fullIds(context, [given]);
  const message = await findHandover(mailbox, { id, from, session });
  if (!message) {
    const whose = `for ${mailbox.self}${from === undefined ? "" : ` from ${from}`}`;
    return { text: `There is no handover ${whose}.`, json: { handover: null } };
  }
  if (options.decline) return decline(context, message, reason);

  const wanted: Place = options.here ? "here" : "worktree";
  const dry = await dryRun(mailbox, message, folder, Date.now(), wanted, context.env);
  const place = dry?.hasWork === false ? "here" : wanted;
  const before = resumedBeforeText(paths, message.id, dry?.plan.before ?? null);
  const intro = [
    messageText(message, context),
    "",
    ...(before === null ? [] : [before, ""]),
    dry === null ? "It has no capsule." : foreignText(context, "dry run", cleanText(dryRunText(dry))),
  ].join("\n");
  const json = { handover: message, ...(dry === null ? {} : { dryRun: planJson(dry) }) };
  if (options.dryRun) return { text: intro, json, whenPrinted: async () => noteShown(context, message) };

  const why = dry && whyNot(dry, place, OTHER_PLACE);
  if (why !== null) throw new CommandFailed("not_applied", why);
  if (!options.json) context.stdout.write(`${wrap(intro, context.columns)}\n\n`);
  noteShown(context, message);
  if (dry === null) {
    await requireYes(context.env, options, "Resume it? It changes no files, and its sender sees that it was resumed.");
    return resumed(context, message, "Resumed, without files.", json);
  }
  await requireYes(context.env, options, questionFor(dry, place));
  const applied = await applyWork(folder, dry, place, context.env);
  await noteApplied(paths, message.id, folder, applied).catch(() => undefined); // then nobody notices an undo
  const { folder: where, branch, undo, conversation } = applied;
  const isPlaced = conversation !== null && typeof conversation !== "string";
  const shown = { ...json, applied: { folder: where, branch, undo, ...(conversation !== null && { conversation }) } };
  const next = isPlaced ? continueText(conversation) : nextText(where, branch === null);
  const after = cleanText([next, ...(undo === "" ? [] : [undoText(applied)])].join("\n"));
  return resumed(context, message, cleanText(appliedText(applied)), shown, after);
}

const OTHER_PLACE = {
  here: "With --here, Photon applies it on the checked-out branch.",
  worktree: "Without --here, Photon applies it in a new folder.",
};

function questionFor({ hasWork, conversation }: DryRun, place: Place): string {
  if (!hasWork) return "Place the conversation for this folder?";
  const what = conversation === null || typeof conversation === "string" ? "it" : "it, and place the conversation,";
  return `Apply ${what} ${place === "here" ? "on the checked-out branch" : "in a new folder"}?`;
}

/** Only a person may resume another machine's work: its sender then counts on it. */
async function requireYes(env: NodeJS.ProcessEnv, { yes, json }: ResumeOptions, question: string): Promise<void> {
  if (yes) {
    requirePerson(env, "photon resume --yes");
    return;
  }
  if (json || !isInteractive()) {
    throw new UsageError(
      isForClaude(env)
        ? "Not resumed, nothing was changed: only the person can agree to it. Use the tool resume_handover, which asks them, or let them run `photon resume` in a terminal of their own."
        : "Not resumed, nothing was changed: there is no terminal to ask at. Run `photon resume` in a terminal. In a script, read what `photon resume --dry-run` prints, and only then add --yes.",
    );
  }
  const answer = await confirm({ message: question });
  if (isCancel(answer) || !answer) throw new CommandFailed("cancelled", "Not resumed, nothing was changed.");
}

const NEXT_HERE = "Next: start Claude Code here. `/photon:resume` shows it the handover.";

function nextText(folder: string, isHere: boolean): string {
  if (isHere) return NEXT_HERE;
  return `Next, start Claude Code there; \`/photon:resume\` shows it the handover:\n  cd ${shellQuoted(folder)} && claude`;
}

async function resumed(
  { mailbox }: CliContext,
  { id }: ReceivedMessage,
  text: string,
  json: Record<string, unknown>,
  after = NEXT_HERE,
): Promise<Answer> {
  const isKnown = await mailbox.receipts.noteResumed(id);
  const { machine } = mailbox.config;
  const receipt = isKnown
    ? `The sender now sees "resumed by ${machine}".`
    : `The sender will see "resumed by ${machine}" once the bridge can be reached.`;
  return { text: [text, receipt, after].join("\n"), json: { ...json, resumed: true } };
}

function noteShown({ mailbox }: CliContext, { id }: ReceivedMessage): null {
  mailbox.receipts.noteShown([id]);
  return null;
}

function messageText({ id, from, timestamp, content, origin }: ReceivedMessage, { env, config }: CliContext): string {
  const sender = isForClaude(env) ? addressName(from, config.project) : wholeAddress(from);
  return [
    bold(`Handover from ${sender}`),
    dim(`${formatClock(Date.parse(timestamp), Date.now())} · id ${MessageId.safeParse(id).data ?? "unusable"}`),
    originForPerson(origin),
    "",
    foreignText({ isForClaude: isForClaude(env) }, "handover", cleanText(content).replace(/^(?=.)/gm, "  ")),
  ].join("\n");
}

function planJson({ plan, target, notInFolder, notHere, conversation }: DryRun): Record<string, unknown> {
  const { transcripts: _, ...talk } = typeof conversation === "string" ? { why: conversation } : (conversation ?? {});
  const places = { target, worktree: notInFolder ?? "possible", here: notHere ?? "possible" };
  return { ...plan, ...places, ...(conversation !== null && { conversation: talk }) };
}
