import { inOneLine } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";

/** What a line of a list has room for. */
const MAX_CHARS = 200;

/**
 * What a handover is about, in one line: the goal of a page that Photon made, or else the first line that is no heading. The
 * text comes from the sender.
 *
 * @param content - cleaned already
 */
export function goalLine(content: string): string {
  const lines = content.split("\n", 200).map((line) => line.trim());
  const goal = lines.indexOf("## Goal");
  const isText = (line: string) => line !== "" && !line.startsWith("#") && !line.endsWith(":");
  const first = lines.slice(goal + 1).find(isText) ?? "";
  return clip(inOneLine(first.replace(/^(?:>|Title:)\s*/, "")), MAX_CHARS);
}
