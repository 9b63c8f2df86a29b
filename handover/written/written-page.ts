import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import { afterTitle } from "../draft/writing-store.ts";
import { fitting, quote, withRest } from "../markdown.ts";
import { MAX_DRAFT_CHARS } from "../page/render-draft.ts";

/** The sections that Claude writes, with the room of each in UTF-16 code units. */
const WRITTEN = { Goal: 400, State: 450, Done: 500, Open: 550 } as const;
/** The sections that stay as Photon wrote them, the most important first. */
const KEPT = ["Git", "Files", "How to check", "Dead ends"] as const;
const MAX_ITEM_CHARS = 260;
/** A shorter beginning of a section says nothing. */
const MIN_KEPT_CHARS = 80;

/**
 * Puts Claude's answer in place of a page's goal, state, done and open. All else of the answer is left out.
 *
 * @param facts - the page that `renderDraft` wrote
 * @param by - who wrote it, and from what: a paragraph below the title
 * @param plain - removes what only this machine knows from a text
 * @returns null if the answer has no goal, or nothing but that
 */
export function writtenPage(answer: string, facts: string, by: string, plain: (text: string) => string): string | null {
  const said = sectionsIn(plain(answer));
  const goal = wordsIn(said.get("goal")).join(" ");
  const items = (["State", "Done", "Open"] as const).map((title) => listOf(title, said.get(title.toLowerCase())));
  if (goal === "" || items.every((section) => section === null)) return null;
  const written = [section("Goal", quote(goal, WRITTEN.Goal)), ...items.filter((each) => each !== null)];
  const [title = ""] = facts.split("\n", 1);
  const top = [afterTitle(title, by), ...written].join("\n\n");
  return [top, ...keptSections(facts, MAX_DRAFT_CHARS - top.length)].join("\n\n");
}

function listOf(title: "State" | "Done" | "Open", lines: readonly string[] | undefined): string | null {
  const items = wordsIn(lines).map((text) => `- ${clip(text, MAX_ITEM_CHARS)}`);
  if (items.length === 0) return null;
  const shown = withRest(items, fitting(items, "\n", WRITTEN[title]), (left) => `- and ${left} more`);
  return section(title, shown.join("\n"));
}

/** The lines that say something, without the marks of a list. */
function wordsIn(lines: readonly string[] = []): string[] {
  return lines
    .map((line) => inOneLine(line).replace(/^(?:[-*+•]|\d+[.)])\s+/, ""))
    .filter((text) => /[\p{L}\p{N}]/u.test(text));
}

/** In the order of the page. What does not fit is cut at a whole line. */
function keptSections(facts: string, room: number): string[] {
  const own = sectionsIn(facts);
  const kept = new Map<string, string>();
  let left = room;
  for (const title of KEPT) {
    const text = own.get(title.toLowerCase())?.join("\n").trim();
    if (!text || left < MIN_KEPT_CHARS) continue;
    const whole = section(title, text);
    const lines = fitting(text.split("\n"), "\n", left - title.length - REST_CHARS);
    const shown = whole.length + 2 <= left ? whole : section(title, [...lines, "- and more"].join("\n"));
    kept.set(title, shown);
    left -= shown.length + 2;
  }
  return ORDER.flatMap((title) => kept.get(title) ?? []);
}

const ORDER = ["Files", "How to check", "Dead ends", "Git"] as const;
/** A heading's other characters, the line about the rest, and the empty lines. */
const REST_CHARS = 20;

/** The lines below each heading, by the heading in lower case. */
function sectionsIn(markdown: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of markdown.split(/\r?\n/)) {
    const [, heading] = /^#{1,6}\s+(.*?)[\s:#]*$/.exec(line) ?? [];
    if (heading === undefined) lines.push(line);
    else {
      lines = [];
      // Of two sections with one name, the first counts.
      if (!sections.has(heading.toLowerCase())) sections.set(heading.toLowerCase(), lines);
    }
  }
  return sections;
}

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}`;
}
