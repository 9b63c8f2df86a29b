/** `1 note`, `2 notes`, `3 replies`. */
export function counted(count: number, noun: string): string {
  return `${count} ${forCount(count, noun, noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`)}`;
}

/** The word that agrees with a number: `forCount(2, "it waits", "they wait")`. */
export function forCount(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** Shown in place of messages whose text the bridge cannot return now. */
export function unavailableText(count: number): string {
  return `${counted(count, "message")} cannot be read at the moment; try again later.`;
}
