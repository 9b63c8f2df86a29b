import type { Command } from "commander";
import { cleanLine } from "../../client/text/clean-text.ts";
import { formatClock } from "../../client/text/format-age.ts";
import { wholeAddress } from "../../client/text/names.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { originMark } from "../../client/trust/origin-words.ts";
import type { Answer } from "../../screens/answer.ts";
import { foreignText } from "../../screens/foreign-text.ts";
import { SHORT_ID_CHARS } from "../../screens/message-ids.ts";
import { noteListed } from "../../screens/read.ts";
import { openArrivals } from "../arrivals/arrivals.ts";
import { follow } from "../arrivals/follow.ts";
import { NewMessages } from "../arrivals/new-messages.ts";
import type { CliContext, Run } from "../context.ts";
import { addMessageFilter, filterOf, type MessageFilter } from "../messages/message-filter.ts";
import { untilInterrupted } from "../terminal/interruption.ts";
import { jsonLine } from "../terminal/json-text.ts";
import { bold, columns } from "../terminal/terminal.ts";

/** The preview is made from this much of a message. */
const MAX_PREVIEWED_CHARS = 1000;

/** Column widths; a longer value moves the rest of its line to the right. */
const KIND_CHARS = 8;
const PARTIES_CHARS = 20;

interface WatchOptions extends MessageFilter {
  readonly all?: true;
  readonly unread?: true;
  readonly json?: true;
}

export function addWatch(program: Command, run: Run): void {
  const command = program
    .command("watch")
    .summary("show each message as it arrives")
    .description(
      "Prints one line for each message that arrives for this machine in this folder's project, until Ctrl-C. It marks no message read and sends no receipts; `photon read` does.",
    )
    .option("-u, --unread", "begin with the messages that are already unread")
    .option("-a, --all", "include messages that this machine sends");
  addMessageFilter(command)
    .addHelpText(
      "after",
      `
Examples:
  photon watch
  photon watch --unread --kind task
  photon watch --json | jq -r --unbuffered '"\\(.from): \\(.content)"'

A line has the time, the beginning of the message's id (for \`photon read\`), kind, sender and receiver, and the beginning
of the text. With --json each line is one JSON document: the message with its whole text, with the fields in docs/reference/api.md, "A
message". The bridge reports new mail instantly; if no WebSocket can be opened, Photon polls every 30 seconds. If the bridge
cannot be reached, Photon says so once and retries; no message is missed.
Exit code 130 after Ctrl-C; 1 if the bridge refuses this machine.`,
    )
    .action((options: WatchOptions, self: Command) =>
      run((context) =>
        untilInterrupted((interruption) =>
          watch(context, { ...options, ...self.optsWithGlobals<WatchOptions>() }, interruption),
        ),
      ),
    );
}

async function watch(context: CliContext, options: WatchOptions, interruption: AbortSignal): Promise<Answer> {
  const { mailbox } = context;
  const isJson = options.json === true;
  const say = (line: string) => context.stderr.write(`photon: ${line}\n`);
  const messages = new NewMessages(mailbox, {
    ...filterOf(options),
    isOwnWanted: options.all === true,
    isUnreadWanted: options.unread === true,
  });
  const arriving = follow({
    arrivals: openArrivals(context),
    messages,
    interruption,
    whenReady: () => !isJson && say(`Watching for mail to ${mailbox.self}. Press Ctrl-C to end.`),
    whenAway: (error) => say(`${error.message} Still watching; Photon retries, and no message is missed.`),
    whenBack: () => say("The bridge answers again."),
  });
  for await (const message of arriving) {
    if (isJson) {
      context.stdout.write(`${jsonLine(message)}\n`);
      continue;
    }
    const { line, isWhole } = lineOf(message);
    context.stdout.write(`${foreignText(context, "message", line)}\n`);
    if (isWhole) await noteListed(mailbox, [message]);
  }
  return { text: "", json: null };
}

/** All foreign text is cleaned. */
function lineOf({ id, kind, from, to, timestamp, content, tags, origin }: ReceivedMessage) {
  const time = formatClock(Date.parse(timestamp), Date.now());
  const parties = `${cleanLine(wholeAddress(from), 40)} → ${to === null ? "everyone" : cleanLine(wholeAddress(to), 40)}`;
  const head = `${kind.padEnd(KIND_CHARS)}  ${parties.padEnd(PARTIES_CHARS)}  `;
  const shortId = cleanLine(id.slice(0, SHORT_ID_CHARS), 40);
  const tagged = tags.map((tag) => ` #${cleanLine(tag, 24)}`).join("");
  const mark = originMark(origin);
  const marked = mark === null ? "" : `[${mark}] `;
  const room = Math.max(columns() - marked.length - time.length - shortId.length - head.length - tagged.length - 4, 20);
  const text = cleanLine(content.slice(0, MAX_PREVIEWED_CHARS), MAX_PREVIEWED_CHARS);
  return {
    line: `${time}  ${bold(shortId)}  ${head}${marked}${cleanLine(text, room)}${tagged}`,
    isWhole: text.length <= room && content.length <= MAX_PREVIEWED_CHARS,
  };
}
