import { type Command, Option } from "commander";
import * as z from "zod";
import { parseAddress } from "../../contract/address.ts";
import { MESSAGE_KINDS } from "../../contract/constants.ts";
import { MAX_CONTENT_BYTES, type MessageKind, Tag } from "../../contract/message.ts";
import type { Answer } from "../../screens/answer.ts";
import { UsageError } from "../../screens/failure.ts";
import { sendScreen } from "../../screens/send.ts";
import type { CliContext, Run } from "../context.ts";
import { allowedBy, FindingCode, isQueuedEnough, QUEUE_OPTION, type Queueing } from "../messages/sending.ts";
import { argumentOf, argumentsOf, durationSeconds } from "../terminal/arguments.ts";
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
  const content = await contentOf(words, context.stdin);
  return sendScreen(context, {
    to,
    content,
    kind: options.kind,
    tags: options.tag,
    replyTo: options.replyTo,
    expiresInSeconds: options.expires,
    allow: options.allow && allowedBy(context, options.allow),
    isQueuedEnough: isQueuedEnough(context, options),
    author: isInteractive() && context.session === null ? "person" : "agent",
  });
}

async function contentOf(words: readonly string[], stdin: Input): Promise<string> {
  if (words.length > 0) return words.join(" ");
  if (stdin.isTTY) throw new UsageError('The text is missing: photon send <to> "text", or pipe the text in.');
  const text = await readStdin(stdin, MAX_CONTENT_BYTES);
  if (text.trim() === "")
    throw new UsageError("There is nothing to send: the command line has no text, and the pipe is empty.");
  return text;
}
