import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { readMachines } from "../../client/machines/machines-cache.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { isOpened, type ReceivedMessage } from "../../client/trust/origin.ts";
import type { Answer } from "../../screens/answer.ts";
import { fullIds } from "../../screens/message-ids.ts";
import { messageText } from "../../screens/message-text.ts";
import { openArrivals } from "../arrivals/arrivals.ts";
import { follow } from "../arrivals/follow.ts";
import { NewMessages } from "../arrivals/new-messages.ts";
import type { CliContext, Run } from "../context.ts";
import { addMessageFilter, filterOf, type MessageFilter } from "../messages/message-filter.ts";
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
      "Waits until a new message arrives for this machine in this folder's project, and shows it. The message stays unread; its sender sees that it was shown.",
    )
    .option("--timeout <time>", "give up after this time: 30s, 10m, 2h; default: never", timeoutSeconds)
    .option("--thread <id>", "only messages in the thread of this message (its id, or the beginning of it)")
    .option("-u, --unread", "also accept a message that is already unread, the oldest first");
  addMessageFilter(command)
    .addHelpText(
      "after",
      `
Examples:
  photon wait --from pc --timeout 10m
  photon wait --kind task --unread --json | jq -r .content
  id=$(photon send pc --kind task "run the benchmarks" --json | jq -r .id)
  photon wait --thread $id --kind reply --unread --timeout 2h     the answer, even if it is already there

Messages that this machine sent do not count, unless --from names it. With --json the output is the message, with the
fields in docs/reference/api.md, "A message". The bridge reports new mail instantly; if no WebSocket can be opened, Photon polls every
30 seconds, and once more at the timeout.
Exit code 0: a message arrived. 3: none arrived in time. 1: the bridge could not be reached. 2: wrong usage. 130: Ctrl-C.`,
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
    isUnreadWanted: options.unread === true,
  });
  const arriving = follow({
    arrivals: openArrivals(context),
    messages,
    interruption,
    ...(deadline === undefined ? {} : { deadline }),
    whenAway: (error) => context.stderr.write(`photon: ${error.message} Still waiting; Photon retries.\n`),
    whenBack: () => context.stderr.write("photon: The bridge answers again.\n"),
  });
  for await (const message of arriving) return answerFor(context, message);
  const reason = "No matching message arrived in time.";
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

/** The message was printed in full: sends the "shown" receipt. */
async function noteShown(mailbox: Mailbox, message: ReceivedMessage): Promise<null> {
  if (!isOpened(message)) return null;
  mailbox.receipts.noteShown([message.id]);
  try {
    await mailbox.receipts.flush();
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error; // the receipt is kept on disk and sent later
  }
  return null;
}
