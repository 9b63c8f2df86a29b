/** As many items, from the first, as fit; at least one when there is any. Lengths are in UTF-16 code units. */
export function fitting(items: readonly string[], separator: string, maxChars: number): string[] {
  let chars = -separator.length;
  const fit = items.findIndex((item) => {
    chars += separator.length + item.length;
    return chars > maxChars;
  });
  return items.slice(0, fit === -1 ? items.length : Math.max(1, fit));
}

/** The shown items, and behind them how many of all are left out. */
export function withRest(all: readonly string[], shown: readonly string[], rest: (left: number) => string): string[] {
  const left = all.length - shown.length;
  return left > 0 ? [...shown, rest(left)] : [...shown];
}
