import { type Command, Option } from "commander";
import * as z from "zod";
import { encryptionLine } from "../../client/encryption/encryption-line.ts";
import type { Delivery } from "../../client/mail/outbox-delivery.ts";
import { recipientsLine } from "../../client/mail/sent-status.ts";
import { type Finding, maskedLine } from "../../client/secrets/mask-secrets.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { isSameName, parseAddress } from "../../contract/address.ts";
import { MESSAGE_KINDS } from "../../contract/constants.ts";
import { MAX_CONTENT_BYTES, type MessageKind, Tag } from "../../contract/message.ts";
import type { CliContext, Run } from "../context.ts";
import { fullIds } from "../messages/message-ids.ts";
import {
  allowedBy,
  encryptionJson,
  FindingCode,
  QUEUE_OPTION,
  type Queueing,
  RETRIES,
  refusedText,
  whyQueuedFails,
} from "../messages/sending.ts";
import type { Answer } from "../terminal/answer.ts";
import { argumentOf, argumentsOf, durationSeconds } from "../terminal/arguments.ts";
import { UsageError } from "../terminal/failure.ts";
import { type Input, readStdin } from "../terminal/read-stdin.ts";
import { isInteractive } from "../terminal/terminal.ts";

/** Handovers need `photon handover`: they have a draft and replace the session's earlier handover. */
const SENT_KINDS = MESSAGE_KINDS.filter((kind) => kind !== "handover");

/** null means everyone. */
const Receiver = z
  .string()
  .refine(
    (text) => text === "everyone" || parseAddress(text) !== null,
    "must be `machine`, `machine/project`, `*/project` or `everyone`",
  )
  .transform((text) => (text === "everyone" ? null : text));

interface SendOptions extends Queueing {
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
    .summary("send a message to another machine")
    .description(
      "Sends a message to another machine, even if that machine is off. Photon first saves the message on this machine. If the bridge cannot be reached, the message is queued and sent later.",
    )
    .argument("<to>", 'machine, machine/project, "*/project" (every machine in it), or everyone', argumentOf(Receiver))
    .argument("[text...]", "the message; without it, the text is read from a pipe")
    .addOption(
      new Option("-k, --kind <kind>", "kind of the message; a task asks for work and an answer").choices(SENT_KINDS),
    )
    .option("-t, --tag <tag>", "a tag; may be repeated", argumentsOf(Tag))
    .option("-r, --reply-to <id>", "the id of the message that this answers, or the beginning of it")
    .option(
      "--allow <code>",
      "send this finding of the scan for secrets anyway; may be repeated",
      argumentsOf(FindingCode),
    )
    .option("--expires <time>", "delete the message after this time: 30m, 2h, 7d", durationSeconds)
    .option(...QUEUE_OPTION)
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

In CI, set BRIDGE_WORKER_URL and BRIDGE_API_KEY; without BRIDGE_MACHINE_ID the sender is named after the host. Exit code 0:
the bridge has the message, or it is queued on this machine and Photon retries (the output says which). 1: the message is not
sent: it was refused, the key was refused, this machine is not set up, or, in CI (CI=true) and without --queue, it is only
queued.`,
    )
    .action((to: string | null, words: string[], options: SendOptions) =>
      run((context) => send(context, to, words, options)),
    );
}

async function send(context: CliContext, to: string | null, words: string[], options: SendOptions): Promise<Answer> {
  const { mailbox, session } = context;
  const content = await contentOf(words, context.stdin);
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
  const fails =
    delivery.state === "queued"
      ? whyQueuedFails(context, cleanLine(delivery.reason, 400), delivery.code, options)
      : null;
  const isToSelf = to !== null && session !== null && isSameName(to, mailbox.self);
  const known = delivery.state === "stored" ? await recipientsLine(mailbox, to, Date.now()) : null;
  const encryption = delivery.state === "stored" ? encryptionLine({ ...delivery, to }, mailbox.config.machine) : null;
  return withSender(
    withMasked(answerFor(delivery, to, isToSelf, { encryption, known, fails }), delivery.masked),
    context,
  );
}

/** Adds the secrets that were masked. The message was sent without them. */
function withMasked(answer: Answer, masked: readonly Finding[]): Answer {
  const line = maskedLine(masked);
  if (line === null) return answer;
  return { ...answer, json: { ...answer.json, masked }, warnings: [...(answer.warnings ?? []), line] };
}

/** Warns that the sender is named after the host, because others answer to that name: in a container it changes every time. */
function withSender(answer: Answer, { mailbox, config }: CliContext): Answer {
  const isNamed = config.sources.machine !== "default";
  const warning = `Sent as ${mailbox.self}, named after the host. Set BRIDGE_MACHINE_ID or run \`photon setup\` to choose a name.`;
  return {
    ...answer,
    json: { ...answer.json, from: mailbox.self, isHostName: !isNamed },
    warnings: [...(answer.warnings ?? []), ...(isNamed || answer.exitCode === 1 ? [] : [warning])],
  };
}

async function contentOf(words: readonly string[], stdin: Input): Promise<string> {
  if (words.length > 0) return words.join(" ");
  if (stdin.isTTY) throw new UsageError('The text is missing: photon send <to> "text", or pipe the text in.');
  const text = await readStdin(stdin, MAX_CONTENT_BYTES);
  if (text.trim() === "")
    throw new UsageError("There is nothing to send: the command line has no text, and the pipe is empty.");
  return text;
}

/** Says what happened; "Stored" and "Queued" come first, so that nobody confuses them. */
function answerFor(
  delivery: Delivery,
  to: string | null,
  isToSelf: boolean,
  said: { readonly encryption: string | null; readonly known: string | null; readonly fails: string | null },
): Answer {
  const receiver = to ?? "everyone";
  const { id, state } = delivery;
  const { encryption, known, fails } = said;
  if (delivery.state === "stored") {
    const { timestamp } = delivery;
    const note = isToSelf ? " This is your session's own address: only other sessions here see it as unread." : "";
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
    const json = { state, id, to, reason, waiting, ...(code !== null && { code }) };
    if (fails !== null) return { text: "", json, warnings: [fails], exitCode: 1 };
    return {
      text: `Queued on this machine for ${receiver}, not sent yet (id ${id}, ${waiting} waiting).`,
      json,
      warnings: [`${reason} ${RETRIES}`],
    };
  }
  return {
    text: "",
    json: { state, id, to, error: reason, code: "refused" },
    warnings: [refusedText(reason)],
    exitCode: 1,
  };
}
