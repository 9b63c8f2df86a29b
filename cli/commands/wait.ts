import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { readMachines } from "../../client/machines/machines-cache.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { openArrivals } from "../arrivals/arrivals.ts";
import { follow } from "../arrivals/follow.ts";
import { NewMessages } from "../arrivals/new-messages.ts";
import type { CliContext, Run } from "../context.ts";
import { addMessageFilter, filterOf, type MessageFilter } from "../messages/message-filter.ts";
import { fullIds } from "../messages/message-ids.ts";
import { messageText } from "../messages/message-text.ts";
import type { Answer } from "../terminal/answer.ts";
import { timeoutSeconds } from "../terminal/arguments.ts";
import { untilInterrupted } from "../terminal/interruption.ts";

interface WaitOptions extends MessageFilter {
  readonly thread?: string;
  readonly unread?: true;
  /** Seconds. */
  readonly timeout?: number;
}

export function addWait(program: Command, run: Run): void {
  const command = program
    .command("wait")
    .summary("wait for one message")
    .description(
      "Waits for one message to this machine in this folder's project that was not there when it began, and shows it. It stays unread; its sender sees that it was shown.",
    )
    .option("--timeout <time>", "give up after this much time: 30s, 10m, 2h; without it, never", timeoutSeconds)
    .option("--thread <id>", "only in the thread of this message, its id or the beginning of it")
    .option("-u, --unread", "also take one that waits unread already, the oldest first");
  addMessageFilter(command)
    .addHelpText(
      "after",
      `
Examples:
  photon wait --from pc --timeout 10m
  photon wait --kind task --unread --json | jq -r .content
  id=$(photon send pc --kind task "run the benchmarks" --json | jq -r .id)
  photon wait --thread $id --kind reply --unread --timeout 2h     the answer, also one that was faster

What this machine sent itself does not count, unless --from names it. With --json the answer is the message, in the fields
of docs/api.md, "A message". The bridge tells of new mail at once; where no socket can be opened it is asked every 30
seconds, and once more when the time is over.
Exit code 0: one came. 3: none came in time. 1: the bridge could not be asked. 2: wrong usage. 130: Ctrl-C.`,
    )
    .action((options: WaitOptions) =>
      run((context) => untilInterrupted((interruption) => wait(context, options, interruption))),
    );
}

async function wait(context: CliContext, options: WaitOptions, interruption: AbortSignal): Promise<Answer> {
  const { mailbox } = context;
  const { timeout } = options;
  const deadline = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
  const [thread] = options.thread === undefined ? [] : await fullIds(context, [options.thread]);
  const messages = new NewMessages(mailbox, {
    ...filterOf(options),
    ...(thread === undefined ? {} : { thread }),
    isOwnWanted: false,
    isWaitingWanted: options.unread === true,
  });
  const arriving = follow({
    arrivals: openArrivals(context),
    messages,
    interruption,
    ...(deadline === undefined ? {} : { deadline }),
    whenAway: (error) => process.stderr.write(`photon: ${error.message} Still waiting.\n`),
    whenBack: () => process.stderr.write("photon: The bridge answers again.\n"),
  });
  for await (const message of arriving) return answerFor(context, message);
  const reason = "No such message came in time.";
  return { text: "", json: { error: reason, code: "timeout" }, warnings: [reason], exitCode: 3 };
}

function answerFor(context: CliContext, message: ReceivedMessage): Answer {
  const { mailbox, paths } = context;
  const machines = readMachines(paths)?.machines ?? [];
  return {
    text: messageText(message, context, machines, Date.now()),
    json: message,
    whenPrinted: () => noteShown(mailbox, message),
  };
}

/** The whole text went to a terminal, or to the program that asked. Nothing may come along that would tell the sender. */
async function noteShown(mailbox: Mailbox, { id }: ReceivedMessage): Promise<null> {
  mailbox.receipts.noteShown([id]);
  try {
    await mailbox.receipts.flush();
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error; // it waits on this disk, as receipts do
  }
  return null;
}
