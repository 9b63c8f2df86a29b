import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { goalLine } from "../../client/mail/sent-log.ts";
import { cleanText } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { fenceFor } from "../../client/text/fence.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { addressName } from "../../client/text/names.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { MachineAddress, MessageId } from "../../contract/message.ts";
import { continueText, inQuestion } from "../../handover/conversation/conversation-text.ts";
import { appliedText, countsOf, dryRunText, undoText } from "../../handover/resume/dry-run-text.ts";
import { findHandover, listHandovers } from "../../handover/resume/find-handover.ts";
import { applyWork, type DryRun, dryRun, type Place, whyNot } from "../../handover/resume/resume-handover.ts";
import { noteApplied, reopenUndone } from "../../handover/resume/resumed-here.ts";
import type { ServerContext } from "../context.ts";
import { defineTool, type Reply, refusalReason } from "./define-tool.ts";
import { readOne } from "./read-messages.ts";

const Input = z.strictObject({
  message_id: MessageId.nullish().describe("omitted: the newest handover for this project"),
  from_machine: MachineAddress.nullish(),
  apply: z
    .enum(["worktree", "here", "none"])
    .nullish()
    .describe("only if the person said so: in a new branch and folder, on the checked-out branch, or without files"),
});

export const resumeHandover = defineTool({
  name: "resume_handover",
  formerName: "take_over", // 0.5
  description:
    "Photon mailbox, across machines, kept until read: resumes the work that another machine handed over. " +
    "Without `apply` it changes nothing: it shows the handover and what its capsule would change here.",
  input: Input,
  annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  async run({ message_id: id, from_machine: from, apply }, context) {
    if (apply && !id)
      throw new PhotonError("invalid_request", "`apply` needs the `message_id` of the handover you saw.");
    const { mailbox, paths, session } = context;
    await reopenUndone(mailbox, paths);
    const wanted = { id: id ?? undefined, from: from ?? undefined, session };
    const message = await findHandover(mailbox, wanted);
    if (!message) return `There is no handover for ${mailbox.self}${from ? ` from ${from}` : ""}.`;
    return apply ? resume(message, apply, context) : show(message, context);
  },
});

/** The handover and the dry run. An unusable capsule is not an error, because the text is useful without it. */
async function show(message: ReceivedMessage, context: ServerContext): Promise<Reply> {
  const { text, whenSent } = await readOne(message.id, 1, context);
  const lines = [text, await capsuleText(message, context), ...(await othersText(message, context))];
  return { text: lines.join("\n\n"), ...(whenSent && { whenSent }) };
}

/** Most other handovers that are named. */
const MAX_OTHERS = 10;

/** The other handovers that nobody resumed here. Their goals are fenced. */
async function othersText({ id }: ReceivedMessage, { mailbox, session, now }: ServerContext): Promise<string[]> {
  const { readHere } = mailbox.receipts;
  const others = (await listHandovers(mailbox, { session })).filter(
    (other) => other.id !== id && !other.read && !readHere.has(other.id),
  );
  if (others.length === 0) return [];
  const lines = others.slice(0, MAX_OTHERS).map(({ id: other, from, timestamp, work, content }) => {
    const what = work?.capsule ? `${counted(work.files, "file")} with capsule` : "no capsule";
    const sender = addressName(from, mailbox.config.project);
    return `- ${other} from ${sender}, ${formatAgo(Date.parse(timestamp), now())}, ${what}: ${goalLine(cleanText(content))}`;
  });
  const { wrap } = fenceFor(lines);
  return [`${counted(others.length, "other handover")} not resumed yet:\n${wrap("handovers", lines.join("\n"))}`];
}

async function capsuleText(message: ReceivedMessage, context: ServerContext): Promise<string> {
  const ask = (place: string) => `resume_handover ${JSON.stringify({ message_id: message.id, apply: place })}`;
  try {
    const dry = await dryRunOf(message, null, context);
    if (dry === null) return `It has no capsule. If the person wants to resume it: ${ask("none")}`;
    const plan = cleanText(dryRunText(dry));
    const places = [
      ...(dry.notInFolder === null && dry.hasWork ? [ask("worktree")] : []),
      ...(dry.notHere === null ? [ask("here")] : []),
    ];
    const fence = fenceFor([plan]);
    return [
      "Dry run of its capsule (nothing was changed):",
      fence.wrap("dry run", plan),
      ...(places.length === 0
        ? ["It cannot be applied here now; the dry run says why."]
        : [
            `If the person wants it: ${places.join(" or, on the checked-out branch, ")}. The client asks them to confirm.`,
          ]),
      `Without the files: ${ask("none")}`,
    ].join("\n");
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return `${because("Its capsule cannot be used here", error)} To resume without the files: ${ask("none")}`;
  }
}

function dryRunOf(
  message: ReceivedMessage,
  place: Place | null,
  { mailbox, folder, now, env }: ServerContext,
): Promise<DryRun | null> {
  return dryRun(mailbox, message, folder, now(), place, env);
}

async function resume(message: ReceivedMessage, apply: Place | "none", context: ServerContext): Promise<string> {
  if (apply === "none") {
    const sender = addressName(message.from, context.mailbox.config.project);
    const answer = await context.confirm(
      `Photon: resume the handover from ${sender}${marked(message)}, without files?`,
    );
    return answer === "yes" ? resumed(message, "Resumed, without files.", context) : refusal(message, apply, answer);
  }
  const dry = await dryRunOf(message, apply, context);
  if (dry === null) throw new PhotonError("invalid_request", 'This handover has no capsule; use "apply": "none".');
  const why = whyNot(dry, apply, OTHER_PLACE);
  if (why !== null) throw new PhotonError("invalid_request", why);
  const answer = await context.confirm(question(message, dry, apply, context.mailbox.config.project));
  if (answer !== "yes") return refusal(message, apply, answer);
  try {
    const { folder, paths, env } = context;
    const applied = await applyWork(folder, dry, apply, env);
    await noteApplied(paths, message.id, folder, applied).catch(() => undefined); // then nobody notices an undo
    const text = await resumed(message, cleanText(appliedText(applied)), context);
    const { conversation } = applied;
    const isPlaced = conversation !== null && typeof conversation !== "string";
    const next = isPlaced ? [`Tell the person. ${continueText(conversation)}`] : [];
    return [text, ...[...next, undoText(applied)].map(cleanText)].join("\n");
  } catch (error) {
    if (error instanceof PhotonError) return because("Not applied, nothing was changed", error);
    throw error;
  }
}

const OTHER_PLACE = { here: 'Use "apply": "here".', worktree: 'Use "apply": "worktree".' };

/** Why a capsule cannot be used. The reason is fenced, because it may contain file names that the sender chose. */
function because(what: string, { code, message }: PhotonError): string {
  if (code !== "invalid_request") return `${what}: ${message}`; // about the bridge, in Photon's own words
  const why = cleanText(message);
  const { legend, wrap } = fenceFor([why]);
  return `${what}. ${legend}\n${wrap("why", why)}\n`;
}

/** The question that the client asks the person. It states everything that they confirm. */
function question(
  message: ReceivedMessage,
  { plan, target, conversation }: DryRun,
  place: Place,
  project: string | null,
): string {
  const where =
    place === "here" ? "on the checked-out branch" : `in the new branch ${target.branch} in ${target.folder}`;
  const alert =
    plan.runsByItself.length === 0 ? "" : ` Other programs run ${plan.runsByItself.length} of them automatically.`;
  return cleanText(
    `Photon: apply the work handed over by ${addressName(message.from, project)}${marked(message)}? ${countsOf(plan.files)} ${where}${inQuestion(conversation)}.${alert}`,
  );
}

function marked({ origin }: ReceivedMessage): string {
  return origin.state === "verified" ? "" : " (UNVERIFIED)";
}

function refusal({ id }: ReceivedMessage, apply: Place | "none", answer: "no" | "cannot"): string {
  return `Not ${apply === "none" ? "resumed" : "applied"}, nothing was changed: ${refusalReason(answer)}. The person can run this in a terminal: photon resume ${id}${apply === "here" ? " --here" : ""}`;
}

async function resumed(message: ReceivedMessage, text: string, { mailbox }: ServerContext): Promise<string> {
  const isKnown = await mailbox.receipts.noteResumed(message.id);
  const { machine } = mailbox.config;
  return `${text}\nThe sender ${isKnown ? "now sees" : "will see"} "resumed by ${machine}"${isKnown ? "" : " once the bridge can be reached"}.`;
}
