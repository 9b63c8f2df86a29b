/**
 * Exponential backoff with jitter: the pause doubles with each failure, and a random part of up to a half is removed,
 * so that machines which lost the bridge at the same time do not return at the same time.
 *
 * @param failures - consecutive failures, from 1
 * @param random - returns a number in [0, 1)
 */
export function pauseMs(
  failures: number,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
  random: () => number = Math.random,
): number {
  return Math.min(maxMs, firstMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}
