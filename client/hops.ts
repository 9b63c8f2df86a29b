import type { Message } from "../contract/message.ts";
import { appendLines, readLines } from "./line-log.ts";
import type { Paths } from "./paths.ts";

/** A message's id, and how many messages of agents its thread has since a person wrote. */
const LINE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (\d{1,7})$/;

/**
 * Remembers how far the threads of messages that were shown here are from a person, so that an answer can count on.
 *
 * @throws the file system's own error (disk full, read-only home): then the answer counts from one
 */
export function noteHops({ hops }: Pick<Paths, "hops">, messages: readonly Pick<Message, "id" | "hops">[]): void {
  const lines = messages.flatMap(({ id, hops }) => (hops ? [`${id.toLowerCase()} ${hops}`] : []));
  if (lines.length > 0) appendLines(hops, lines);
}

/** How far the thread of a message is from a person; 0 when a person wrote it, or it was never shown here. */
export function hopsOf({ hops }: Pick<Paths, "hops">, id: string): number {
  let known = 0;
  for (const line of readLines(hops)) {
    const [, each, count] = LINE.exec(line) ?? [];
    if (each === id.toLowerCase()) known = Number(count);
  }
  return known;
}
