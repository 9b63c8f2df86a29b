/** Signs that nothing shows: a token with one inside is whole again for whoever copies it. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

export interface Visible {
  readonly text: string;
  /** Where a place in the text without them is in the one with them. */
  readonly placeOf: (at: number) => number;
}

/** @returns null when the text has none */
export function withoutInvisible(text: string): Visible | null {
  const gaps: { readonly at: number; readonly chars: number }[] = [];
  let gone = 0;
  const visible = text.replace(INVISIBLE, (sign, at: number) => {
    gone += sign.length;
    gaps.push({ at: at + sign.length - gone, chars: gone });
    return "";
  });
  if (gaps.length === 0) return null;
  // The last gap that begins at or before the place says how many are before it.
  const placeOf = (at: number) => {
    let [low, high] = [0, gaps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((gaps[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return at + (gaps[low - 1]?.chars ?? 0);
  };
  return { text: visible, placeOf };
}
