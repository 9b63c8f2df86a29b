/** What is shorter may be a word of a sentence that has nothing to do with it. */
const MIN_KEY_CHARS = 8;

/** Words of the bridge without this machine's key, should they repeat it: they are shown, logged and kept. */
export function withoutKey(text: string, key: string | null): string {
  return key === null || key.length < MIN_KEY_CHARS ? text : text.replaceAll(key, "[the key]");
}
