/**
 * A text cut between words and marked if it is too long. Only a word in a script without spaces is cut: of a secret, the
 * scan for secrets would not recognise a part. Lengths are in UTF-16 code units.
 */
export function clip(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length)));
  const words = cut.replace(/(?<!\s)\s+\S*$/, "");
  return `${words.length > cut.length / 2 ? words : withoutPart(cut).trimEnd()}${MARK}`.trimStart();
}

/** Removes the word at the end, which a cut may have left incomplete. */
export function withoutPart(cut: string): string {
  return cut.replace(/(?<![!-~])[!-~]+$/, "");
}

const MARK = " …";

/** Removes the half of a character (of a surrogate pair) that a cut may have left at either end. */
export function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}
