/** `1 note`, `2 notes`, `3 replies`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** Shown in place of messages whose text the bridge cannot return now. */
export function unavailableText(count: number): string {
  return `${counted(count, "message")} cannot be read at the moment; try again later.`;
}
