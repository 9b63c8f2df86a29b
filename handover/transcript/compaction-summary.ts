import { recordOf } from "../../client/disk/private-file.ts";
import { type Line, textOf } from "./transcript-line.ts";

/** What the client wrote about the conversation when it compacted it. Empty texts for parts that are not there. */
export interface CompactionSummary {
  readonly intent: string;
  readonly pending: readonly string[];
  readonly current: string;
  readonly next: string;
}

const BEGINNING = "This session is being continued from a previous conversation";

/** The text of the client's summary; undefined for other lines. */
export function summaryTextIn(line: Line): string | undefined {
  const content = recordOf(line.message)?.content;
  const isSummary = line.isCompactSummary === true || (typeof content === "string" && content.startsWith(BEGINNING));
  return isSummary ? textOf(content) : undefined;
}

/** With a text behind it on the same line only if it has a colon. */
const TITLE = /^\*{0,3}([A-Z][^:\n*]{3,60})([*:]{0,8})[ \t]*/;

/** @returns null if the text has no known part */
export function compactionSummary(text: string): CompactionSummary | null {
  const parts = new Map(
    text
      .slice(Math.max(0, text.lastIndexOf("Summary:")))
      .split(/^[ \t]*(?:#+ *)?\d+\.[ \t]+(?=\**[A-Z])/m)
      .map((part) => {
        const [head = "", title = "", marks = ""] = TITLE.exec(part) ?? [];
        const rest = part.slice(head.length);
        const isTitle = marks.includes(":") || rest === "" || rest.startsWith("\n");
        return isTitle ? ([title.trim().toLowerCase(), rest.trim()] as const) : (["", ""] as const);
      }),
  );
  const part = (...names: string[]) =>
    names.flatMap((name) => [...parts].find(([title]) => title.startsWith(name))?.[1] ?? [])[0] ?? "";
  const summary = {
    intent: paragraph(part("primary request", "user's request", "intent")),
    pending: itemsOf(part("pending task", "remaining", "todo")),
    current: paragraph(part("current work", "current state", "work in progress")),
    next: paragraph(part("optional next step", "next step")),
  };
  return summary.intent || summary.next || summary.current || summary.pending.length > 0 ? summary : null;
}

/** Texts that say that there is nothing. */
const NOTHING = /^(?:none|no (?:pending|explicit|open|remaining|outstanding)|nothing|n\/a|all (?:tasks|requested))\b/i;

function itemsOf(text: string): string[] {
  const items = text.split("\n").map((line) => plain(line.replace(/^[\s*•-]+(?:\[[ ~]\]\s*)?|^\s*\d+[.)]\s*/, "")));
  return items
    .filter((item) => item !== "" && !NOTHING.test(item) && !/:$/.test(item) && !/\bcompleted?\b[).]*$/i.test(item))
    .slice(0, 6);
}

/** The first sentences, without marks of lists. */
function paragraph(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => plain(line.replace(/^[\s*•-]+|^\s*\d+[.)]\s*/, "")))
    .filter(Boolean);
  const joined = lines.slice(0, 8).join(" ");
  return NOTHING.test(joined) ? "" : joined.slice(0, 900);
}

function plain(text: string): string {
  return text.replace(/\*\*|__/g, "").trim();
}
