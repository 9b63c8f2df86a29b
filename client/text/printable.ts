/** Control characters, halves of pairs, line separators, and all that is not seen but obeyed: direction, joining, tags. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/**
 * A file's name, or a sentence with one in it, as it can be shown to a person or a model: on one line, nothing hidden,
 * nothing that a terminal obeys. What cannot be seen stands there as its number. Other text is as it was.
 * Unlike `cleanText` it removes nothing: two names that differ only in what cannot be seen must not look the same.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (character === "\n") return "\\n";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
