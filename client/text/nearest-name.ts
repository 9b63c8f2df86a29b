/** A name with more typing mistakes than this counts as a different name. */
const MAX_MISTAKES = 2;

/**
 * The name that was probably meant: with at most two letters (and at most half of them) added, missing, wrong or swapped.
 * Case-insensitive. Of names as similar, it is the one that begins like the typed one for longer.
 *
 * @returns null if no name is similar enough
 */
export function nearestName(typed: string, names: readonly string[]): string | null {
  const most = Math.min(MAX_MISTAKES, Math.floor(typed.length / 2));
  const near = names
    .map((name) => ({ name, mistakes: mistakesBetween(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ mistakes }) => mistakes <= most)
    .sort((a, b) => a.mistakes - b.mistakes || sameStart(typed, b.name) - sameStart(typed, a.name));
  return near[0]?.name ?? null;
}

/** The number of characters with which both begin. */
function sameStart(a: string, b: string): number {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()];
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return same;
}

/** The optimal string alignment distance. */
function mistakesBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (cells: readonly number[], index: number) => cells[index] ?? Number.POSITIVE_INFINITY;
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
