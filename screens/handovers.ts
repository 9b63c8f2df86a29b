import { goalLine } from "../client/mail/sent-log.ts";
import { cleanLine, cleanText } from "../client/text/clean-text.ts";
import { counted } from "../client/text/counted.ts";
import { formatAge } from "../client/text/format-age.ts";
import { formatBytes } from "../client/text/handover-offer.ts";
import { addressName, wholeAddress } from "../client/text/names.ts";
import { isOpened, type ReceivedMessage } from "../client/trust/origin.ts";
import { originMark } from "../client/trust/origin-words.ts";
import { listHandovers } from "../handover/resume/find-handover.ts";
import type { Answer } from "./answer.ts";
import { foreignText } from "./foreign-text.ts";
import { shortIds } from "./message-ids.ts";
import { cutTo, padEnd, padStart, widest, wrap, wrapFirst } from "./text-width.ts";
import { CODE, type Viewer } from "./viewer.ts";

/** A goal has at least this many columns, also in a narrow terminal, and a line in a pipe at most so many. */
const MIN_GOAL_COLUMNS = 20;
const MAX_LINE_COLUMNS = 140;

/** The handovers for this project, one line each, the one that is resumed by default first. It marks none. */
export async function handoversScreen(viewer: Viewer, from: string | undefined): Promise<Answer> {
  const { mailbox, session, style, columns, isMarkdown, isForClaude, commands } = viewer;
  const handovers = await listHandovers(mailbox, { from, session });
  const whose = `for ${mailbox.self}${from === undefined ? "" : ` from ${from}`}`;
  const json = { count: handovers.length, handovers: handovers.map((message) => jsonOf(message, viewer)) };
  const [first] = handovers;
  if (first === undefined) return { text: `There is no handover ${whose}.`, json };
  const id = shortIds(handovers.map((message) => message.id)).get(first.id) ?? first.id;
  return {
    text: [
      wrapFirst(`${counted(handovers.length, "handover")} ${whose}:${isMarkdown ? "\n" : ""}`, viewer),
      foreignText(viewer, "handovers", rows(handovers, viewer).join("\n")),
      ...(isForClaude || mailbox.inbox.isDeclinedHere(first)
        ? []
        : ["", style.dim(wrap(`${commands.resumeOne(cleanLine(id, 40))}  resumes the first`, columns))]),
    ].join("\n"),
    json,
  };
}

/** Whether a handover is still waiting, and what became of it here. */
function stateOf(message: ReceivedMessage, { mailbox }: Viewer): "unread" | "read" | "resumed here" | "declined" {
  if (mailbox.inbox.isResumedHere(message)) return "resumed here";
  if (mailbox.inbox.isDeclinedHere(message)) return "declined";
  return message.read || mailbox.receipts.readHere.has(message.id) ? "read" : "unread";
}

function jsonOf(message: ReceivedMessage, viewer: Viewer): Record<string, unknown> {
  const { id, from, timestamp, work, content } = message;
  return {
    ...{ id, from, timestamp, goal: goalLine(cleanText(content)) },
    ...{ files: work?.files ?? null, capsuleBytes: work?.capsule?.bytes ?? null, state: stateOf(message, viewer) },
  };
}

/** One line each: id, sender, age, what it carries, its state, its goal. All foreign text is cleaned. */
function rows(handovers: readonly ReceivedMessage[], viewer: Viewer): string[] {
  const { columns, style, isMarkdown, isForClaude, mailbox } = viewer;
  const ids = shortIds(handovers.map(({ id }) => id));
  const table = handovers.map((message) => {
    const { id, from, timestamp, work, origin, content } = message;
    const capsule = work?.capsule;
    const mark = originMark(origin);
    const goal = isOpened(message) ? goalLine(cleanText(content)) : "";
    return {
      id: cleanLine((isForClaude ? id : ids.get(id)) ?? id, 40),
      from: isForClaude ? addressName(from, mailbox.config.project) : cleanLine(wholeAddress(from), 40),
      age: formatAge(Date.now() - Date.parse(timestamp)).replace("less than a minute", "now"),
      what: capsule === undefined ? "text only" : `${counted(work?.files ?? 0, "file")}, ${formatBytes(capsule.bytes)}`,
      state: stateOf(message, viewer),
      goal: `${mark === null ? "" : `[${mark}] `}${goal}`,
    };
  });
  const width = (column: "id" | "from" | "age" | "what" | "state") => widest(table.map((row) => row[column]));
  const [id, from, age, what, state] = [width("id"), width("from"), width("age"), width("what"), width("state")];
  const indent = isMarkdown ? CODE : "";
  return table.map((row) => {
    const facts = `  ${padEnd(row.from, from)}  ${padStart(row.age, age)}  ${padEnd(row.what, what)}  ${padEnd(row.state, state)}  `;
    const room = Math.min(columns, MAX_LINE_COLUMNS) - widest([indent + facts]) - id - 1;
    const rest = `${facts}${cutTo(row.goal, Math.max(room, MIN_GOAL_COLUMNS))}`.trimEnd();
    const isOpen = row.state === "unread";
    return indent + (isOpen ? style.bold(padEnd(row.id, id)) + rest : style.dim(padEnd(row.id, id) + rest));
  });
}
