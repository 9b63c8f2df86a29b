/** What an edit changes in its file. */
export interface EditedPart {
  /** Lines. */
  readonly added: number;
  readonly removed: number;
  /** Whether the text replaces the whole file, whatever was in it. */
  readonly isWhole: boolean;
  /** The function, class or heading that the new text begins or contains; empty if none is found. */
  readonly name: string;
}

const DEFINED =
  /^[ \t]*(?:export\s+)?(?:default\s+)?(?:pub(?:\([^)\n]*\))?\s+)?(?:public\s+|private\s+|protected\s+|static\s+|abstract\s+|async\s+|override\s+)*(?:function\*?|class|def|fn|func|interface|type|struct|enum|trait|module|describe|const|let)\s+(?:\([^)\n]*\)\s*)?([A-Za-z_$][\w$]*)|^#{1,4}\s+(.{2,40})$/m;

/** @param input - of an editing tool, in any of its forms */
export function editedPart(input: Record<string, unknown>): EditedPart | null {
  const edits = Array.isArray(input.edits) ? input.edits : [input];
  let [added, removed, name, isWhole] = [0, 0, "", false];
  for (const edit of edits as Record<string, unknown>[]) {
    const before = textIn(edit, "old_string", "oldText", "old_text", "oldString");
    const after = textIn(edit, "new_string", "newText", "new_text", "newString", "new_source", "content", "file_text");
    if (before.length + after.length > MAX_COMPARED) return null;
    isWhole ||= before === "" && textIn(edit, ...WHOLE) !== "";
    const [old, now] = [linesOf(before), linesOf(after)];
    let same = 0;
    while (same < old.length && same < now.length && old[same] === now[same]) same++;
    let tail = 0;
    while (tail < old.length - same && tail < now.length - same && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
    added += now.length - same - tail;
    removed += old.length - same - tail;
    if (before === "" || name !== "") continue;
    const [, symbol, heading] = DEFINED.exec(after.slice(0, MAX_SEARCHED)) ?? [];
    name = symbol ?? heading?.trim() ?? "";
  }
  return added + removed === 0 ? null : { added, removed, isWhole, name };
}

/** Fields with the text of a whole file. */
const WHOLE = ["content", "file_text"];

const MAX_SEARCHED = 2_000;
/** Longer texts are not compared: a session waits. */
const MAX_COMPARED = 20_000;

function textIn(edit: unknown, ...keys: string[]): string {
  if (typeof edit !== "object" || edit === null) return "";
  for (const key of keys) {
    const value = (edit as Record<string, unknown>)[key];
    if (typeof value === "string") return value;
  }
  return "";
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  return text.replace(/\r?\n$/, "").split("\n");
}
