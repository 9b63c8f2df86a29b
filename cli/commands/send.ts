import { type Command, Option } from "commander";
import * as z from "zod";
import { encryptionLine } from "../../client/encryption/encryption-line.ts";
import type { Delivery } from "../../client/mail/outbox-delivery.ts";
import { recipientsLine } from "../../client/mail/sent-status.ts";
import { type Finding, maskedLine } from "../../client/secrets/mask-secrets.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { isSameName, parseAddress } from "../../contract/address.ts";
import { MAX_CONTENT_BYTES, MESSAGE_KINDS, type MessageKind, Tag } from "../../contract/message.ts";
import type { CliContext, Run } from "../context.ts";
import { allowedBy, FindingCode } from "../messages/allowed-findings.ts";
import { encryptionJson, needsPerson, notSent } from "../messages/delivery-answer.ts";
import { fullIds } from "../messages/message-ids.ts";
import type { Answer } from "../terminal/answer.ts";
import { argumentOf, argumentsOf, durationSeconds } from "../terminal/arguments.ts";
import { readStdin } from "../terminal/read-stdin.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** A handover is more than a message of that kind: it has a draft and takes the place of the older one. */
const SENT_KINDS = MESSAGE_KINDS.filter((kind) => kind !== "handover");

/** null is everyone. */
const Receiver = z
  .string()
  .refine(
    (text) => text === "everyone" || parseAddress(text) !== null,
    "must be `machine`, `machine/project`, `*/project` or `everyone`",
  )
  .transform((text) => (text === "everyone" ? null : text));

interface SendOptions {
  readonly kind?: MessageKind;
  readonly tag?: string[];
  readonly replyTo?: string;
  /** Seconds. */
  readonly expires?: number;
  readonly allow?: string[];
}

export function addSend(program: Command, run: Run): void {
  program
    .command("send")
    .summary("leave a message for another machine")
    .description(
      "Leaves a message for another machine, also one that is off. It is first kept on this disk: when the bridge cannot be reached it is queued and sent later by itself.",
    )
    .argument("<to>", 'machine, machine/project, "*/project" (every machine in it), or everyone', argumentOf(Receiver))
    .argument("[text...]", "the message; without it, what is piped in")
    .addOption(new Option("-k, --kind <kind>", "what it is; a task asks for work and an answer").choices(SENT_KINDS))
    .option("-t, --tag <tag>", "a tag; may be repeated", argumentsOf(Tag))
    .option("-r, --reply-to <id>", "the message this answers, its id or the beginning of it")
    .option("--allow <code>", "let a finding of the scan for secrets pass; may be repeated", argumentsOf(FindingCode))
    .option("--expires <time>", "delete it when this much time has passed: 30m, 2h, 7d", durationSeconds)
    .addHelpText(
      "after",
      `
Examples:
  photon send pc "the build is green"
  photon send pc/photon --kind task "run the benchmarks" --tag bench
  git diff | photon send pc --tag patch
  photon send everyone "the bridge moves tonight" --expires 2h
  photon send pc --reply-to 3f2a9c1d "done"
  photon send pc -- "-1 is right"       a text that begins with a dash
  echo "build red" | photon send mac --kind task        from CI or cron

BRIDGE_WORKER_URL and BRIDGE_API_KEY are all it needs; without BRIDGE_MACHINE_ID the sender is the host's name. Exit code 0:
the bridge has it, or it waits on this disk (the answer says which). 1: it is not sent, and no waiting will send it.`,
    )
    .action((to: string | null, words: string[], options: SendOptions) =>
      run((context) => send(context, to, words, options)),
    );
}

async function send(context: CliContext, to: string | null, words: string[], options: SendOptions): Promise<Answer> {
  const { mailbox, session } = context;
  const content = await contentOf(words);
  const [replyTo] = options.replyTo === undefined ? [] : await fullIds(context, [options.replyTo]);
  const delivery = await mailbox.outbox.send({
    content,
    to,
    tags: options.tag ?? [],
    kind: options.kind ?? (replyTo === undefined ? "note" : "reply"),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(options.expires === undefined ? {} : { expiresInSeconds: options.expires }),
    ...(session === null ? {} : { session }),
    ...(options.allow && { allow: allowedBy(context, options.allow) }),
    author: isInteractive() && session === null ? "person" : "agent",
  });
  const isToSelf = to !== null && session !== null && isSameName(to, mailbox.self);
  const known = delivery.state === "stored" ? await recipientsLine(mailbox, to, Date.now()) : null;
  const encryption = delivery.state === "stored" ? encryptionLine({ ...delivery, to }, mailbox.config.machine) : null;
  return withSender(withMasked(answerFor(delivery, to, isToSelf, { encryption, known }), delivery.masked), context);
}

/** It was sent all the same, without them. */
function withMasked(answer: Answer, masked: readonly Finding[]): Answer {
  const line = maskedLine(masked);
  if (line === null) return answer;
  return { ...answer, json: { ...answer.json, masked }, warnings: [...(answer.warnings ?? []), line] };
}

/** Who named nothing should know what name the others see, and answer to: in a container it is a new one each time. */
function withSender(answer: Answer, { mailbox, config }: CliContext): Answer {
  const isNamed = config.sources.machine !== "default";
  const warning = `Sent as ${mailbox.self}, after this host: BRIDGE_MACHINE_ID or \`photon setup\` gives it a name.`;
  return {
    ...answer,
    json: { ...answer.json, from: mailbox.self, isHostName: !isNamed },
    warnings: [...(answer.warnings ?? []), ...(isNamed || answer.exitCode === 1 ? [] : [warning])],
  };
}

async function contentOf(words: readonly string[]): Promise<string> {
  if (words.length > 0) return words.join(" ");
  if (process.stdin.isTTY) throw new UsageError('What should it say? photon send <to> "text", or pipe the text in.');
  const text = await readStdin(MAX_CONTENT_BYTES);
  if (text.trim() === "")
    throw new UsageError("There is nothing to send: no text was given, and nothing was piped in.");
  return text;
}

/** What really happened, in words that tell stored from queued at a glance. */
function answerFor(
  delivery: Delivery,
  to: string | null,
  isToSelf: boolean,
  { encryption, known }: { readonly encryption: string | null; readonly known: string | null },
): Answer {
  const receiver = to ?? "everyone";
  const { id, state } = delivery;
  if (delivery.state === "stored") {
    const { timestamp } = delivery;
    const note = isToSelf ? " That is this session's own address: only other sessions here see it as unread." : "";
    const text = `Stored on the bridge for ${receiver} (id ${id}).${note}`;
    return {
      text: [text, ...[encryption, known].filter((line) => line !== null)].join("\n"),
      json: {
        state,
        id,
        to,
        timestamp,
        ...encryptionJson(delivery),
        ...(known !== null && { recipients: known }),
      },
    };
  }
  const reason = cleanLine(delivery.reason, 400);
  if (delivery.state === "queued") {
    const { waiting, code } = delivery;
    if (needsPerson(code)) {
      return {
        text: "",
        json: { state, id, to, reason, waiting, code },
        warnings: [notSent(reason, code)],
        exitCode: 1,
      };
    }
    return {
      text: `Queued on this machine for ${receiver}, not sent yet (id ${id}, ${waiting} waiting).`,
      json: { state, id, to, reason, waiting },
      warnings: [`${reason} It is sent by itself when the bridge takes it.`],
    };
  }
  return {
    text: "",
    json: { state, id, to, error: reason, code: "refused" },
    warnings: [`Not sent, and it will not be: ${reason}`],
    exitCode: 1,
  };
}
