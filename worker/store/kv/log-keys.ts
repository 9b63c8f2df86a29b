/** Keys named in one line of the log. */
const MAX_LOGGED_KEYS = 10;

/** Says what was skipped, by key only: values and metadata hold mail. */
export function logKeys(problem: string, keys: readonly string[]): void {
  if (keys.length === 0) return;
  const named = keys.slice(0, MAX_LOGGED_KEYS).map((key) => JSON.stringify(key.slice(0, 64)));
  console.warn(`${problem}: ${keys.length} keys, ${named.join(", ")}`);
}
