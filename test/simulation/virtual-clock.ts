/**
 * Makes `Date.now` virtual. `new Date()` without a time stays real: nothing that counts may use it.
 *
 * @returns ends it
 */
export function useVirtualClock(now: () => number): () => void {
  const { now: real } = Date;
  Date.now = now;
  return () => {
    Date.now = real;
  };
}
