import { type Command, Option } from "commander";
import { encryptionLine } from "../../client/encryption/encryption-line.ts";
import { maskedLine } from "../../client/secrets/mask-secrets.ts";
import { cleanLine, cleanText } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { AddressText } from "../../contract/message.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { type HandoverDraft, latestDraft, listDrafts, readDraft } from "../../handover/draft/draft-store.ts";
import { readPublication } from "../../handover/draft/publication-store.ts";
import { publishDraft } from "../../handover/publish/publish.ts";
import { type CapsuleOutcome, capsuleSection, tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import type { CliContext, Run } from "../context.ts";
import { allowedBy, FindingCode } from "../messages/allowed-findings.ts";
import { encryptionJson, needsPerson, notSent } from "../messages/delivery-answer.ts";
import type { Answer } from "../terminal/answer.ts";
import { argumentOf, argumentsOf } from "../terminal/arguments.ts";
import { CommandFailed } from "../terminal/command-failed.ts";
import { UsageError } from "../terminal/usage-error.ts";

interface HandoverOptions {
  readonly draft?: true;
  readonly send?: true;
  /** Undefined: with it when it is sent, if the settings do not forbid it. */
  readonly capsule?: boolean;
  readonly to?: string;
  readonly allow?: string[];
}

export function addHandover(program: Command, run: Run): void {
  program
    .command("handover")
    .summary("show or send what a session leaves for another machine")
    .description(
      "Shows the handover draft of this project's newest session, or of the named one; --send sends it, with the uncommitted and unpushed work (the capsule). Without any draft it hands over what git tells of this folder.",
    )
    .argument("[session]", "a session's id, as `photon drafts` shows it")
    .option("--draft", "only show it (the default)")
    .addOption(new Option("--send", "send it, in place of the session's earlier handover").conflicts("draft"))
    .option("--capsule", "with the uncommitted and unpushed work; without --send: show what would go along")
    .option("--no-capsule", "send it without")
    .option("--to <address>", "to one machine; default: every machine in the project", argumentOf(AddressText))
    .option("--allow <code>", "let a finding of the scan for secrets pass; may be repeated", argumentsOf(FindingCode))
    .addHelpText(
      "after",
      `
Examples:
  photon handover                     what would be handed over
  photon handover --capsule           and which files would go along, and which not
  photon handover --send              to every machine in this project
  photon handover --send --to pc      to one
  photon handover --send --no-capsule only the text`,
    )
    .action((session: string | undefined, options: HandoverOptions) =>
      run((context) => handover(context, session, options)),
    );
}

async function handover(
  context: CliContext,
  session: string | undefined,
  { send, capsule, to, allow }: HandoverOptions,
): Promise<Answer> {
  const draft = draftFor(context, session);
  const { config } = context;
  if (capsule && config.capsule === "off") throw new UsageError("The settings say that no capsule is ever sent.");
  const isWanted = capsule ?? (send === true && config.capsule !== "off");
  if (send) await context.mailbox.outbox.requireRecipient(to ?? null);
  const outcome = isWanted ? await tryBuildCapsule(draft.folder) : null;
  if (capsule && send && outcome?.built === null) throw new CommandFailed("no_capsule", `Not sent. ${outcome.why}`);
  return send
    ? sent(context, draft, { to, capsule: outcome, allow: allowedBy(context, allow ?? []) })
    : shown(draft, outcome);
}

/** The named session's; else this one's, the newest of the project, or what git tells of the folder. */
function draftFor({ paths, config, folder, session }: CliContext, wanted: string | undefined): HandoverDraft {
  if (wanted === undefined) {
    const own = session === null ? null : readDraft(paths, session);
    return own ?? latestDraft(paths, config.project) ?? draftOfFolder(config, folder, { now: Date.now() });
  }
  const [match, ...others] = listDrafts(paths).filter((draft) => draft.session.startsWith(wanted));
  if (match === undefined)
    throw new UsageError(`There is no draft of a session ${cleanLine(wanted, 70)}; see photon drafts.`);
  if (others.length > 0) throw new UsageError(`${others.length + 1} sessions begin with ${wanted}: give more of it.`);
  return match;
}

function shown(draft: HandoverDraft, outcome: CapsuleOutcome | null): Answer {
  const section = outcome && capsuleSection(outcome, null);
  return {
    text: cleanText([draft.text, ...(section === null ? [] : [section])].join("\n\n")),
    json: { session: draft.session, project: draft.project, text: draft.text, sent: false, ...capsuleJson(outcome) },
  };
}

async function sent(
  { paths, config, mailbox }: CliContext,
  draft: HandoverDraft,
  { to, capsule, allow }: { to: string | undefined; capsule: CapsuleOutcome | null; allow: readonly string[] },
): Promise<Answer> {
  const { id, masked } = await publishDraft(paths, config, draft, { to, capsule, allow });
  const left = maskedLine(masked);
  const delivery = await mailbox.outbox.deliver(id);
  const address = readPublication(paths, draft.session)?.byPerson?.to ?? null;
  const receiver = address ?? "everyone";
  const json = {
    ...{ session: draft.session, id, to: receiver, state: delivery.state, masked },
    ...encryptionJson(delivery),
    ...capsuleJson(capsule),
  };
  if (delivery.state === "failed")
    throw new CommandFailed("refused", `Not sent, and it will not be: ${delivery.reason}`);
  const reason = delivery.state === "queued" ? cleanLine(delivery.reason, 300) : null;
  const warnings = left === null ? [] : [left];
  if (delivery.state === "queued" && needsPerson(delivery.code)) {
    return {
      text: "",
      json: { ...json, reason, code: delivery.code },
      warnings: [notSent(reason ?? "", delivery.code), ...warnings],
      exitCode: 1,
    };
  }
  const encryption = delivery.state === "stored" ? encryptionLine({ ...delivery, to: address }, config.machine) : null;
  const where =
    reason === null
      ? `Handed over to ${receiver}; it is on the bridge.`
      : `Not handed over yet: the handover to ${receiver} waits on this machine and is sent when the bridge takes it. ${reason}`;
  return {
    text: [where, ...(encryption === null ? [] : [encryption]), ...(capsule === null ? [] : [carried(capsule)])].join(
      "\n",
    ),
    json: { ...json, ...(reason !== null && { reason }) },
    warnings,
  };
}

function carried(capsule: CapsuleOutcome): string {
  if (capsule.built === null) return `No capsule went along. ${capsule.why}`;
  const { files, excluded } = capsule.built;
  const left = excluded.map(({ path, reason }) => `  left out: ${cleanLine(path, 120)}, ${reason}`);
  return [`With the work itself: ${counted(files.length, "file")}.`, ...left].join("\n");
}

function capsuleJson(outcome: CapsuleOutcome | null): Record<string, unknown> {
  if (outcome === null) return {};
  if (outcome.built === null) return { capsule: null, whyNoCapsule: outcome.why };
  const { files, excluded, bytes, sha256 } = outcome.built;
  return { capsule: { sha256, bytes: bytes.length, files, excluded } };
}
