/**
 * Makes `Date.now` virtual. `new Date()` without an argument stays real, so no relevant code may use it.
 *
 * @returns a function that ends it
 */
export function useVirtualClock(now: () => number): () => void {
  const { now: real } = Date;
  Date.now = now;
  return () => {
    Date.now = real;
  };
}
