import { MESSAGE_ID } from "../../contract/address.ts";
import type { Message } from "../../contract/message.ts";
import { appendLines, readLines } from "../disk/line-log.ts";
import type { Paths } from "../disk/paths.ts";

/** A message's id and this machine's milliseconds since 1970. The fixed length shows whether a line is complete. */
const ID_AND_TIME = new RegExp(`^(${MESSAGE_ID}) (\\d{13})$`);

/** The kinds of lines in the log, by their first word. */
const KINDS = {
  /** A message that was shown here. */
  shown: ID_AND_TIME,
  /** A message that the bridge acknowledged, as JSON. */
  sent: /^(\{.+\})$/,
  /** A message's id, and how many agents' messages follow a person's in its thread. */
  hops: new RegExp(`^(${MESSAGE_ID}) (\\d{7})$`),
  /** A handover that the person declined here. */
  declined: ID_AND_TIME,
  /** Where a handover was applied, as JSON. */
  resumed: /^(\{.+\})$/,
} as const;

export type LogKind = keyof typeof KINDS;

type LogPaths = Pick<Paths, "log">;

/** Message ids, each with the time of its first entry in this machine's milliseconds since 1970. */
export type NotedIds = ReadonlyMap<string, number>;

/** The messages this machine was shown, at least the last 2,000. */
export function readShown(paths: LogPaths): NotedIds {
  const ids = new Map<string, number>();
  for (const [, id, time] of readLog(paths, "shown")) {
    if (id !== undefined && !ids.has(id)) ids.set(id, Number(time));
  }
  return ids;
}

/**
 * Remembers that messages were shown. Call it after their text was shown: if the process crashes before the call, they are
 * shown again.
 *
 * @returns the ids that were new; if two processes add an id at the same time, it may be new for both
 * @throws the file system's own error (disk full, read-only home): then nothing is remembered
 */
export function addShown(paths: LogPaths, ids: readonly string[], now: number = Date.now()): string[] {
  const known = readShown(paths);
  const added = [...new Set(ids)].filter((id) => !known.has(id));
  appendLog(
    paths,
    "shown",
    added.map((id) => `${id} ${digits(now, 13)}`),
  );
  return added;
}

/** The handovers that the person declined here, at least the last 2,000. */
export function readDeclined(paths: LogPaths): NotedIds {
  return new Map(readLog(paths, "declined").map(([, id = "", time]) => [id, Number(time)]));
}

/** Remembers that the person declined a handover. @throws the file system's own error: then it may be offered again */
export function addDeclined(paths: LogPaths, id: string, now: number = Date.now()): void {
  appendLog(paths, "declined", [`${id} ${digits(now, 13)}`]);
}

/**
 * Remembers the hop counts of messages that were shown here, so that an answer can continue the count.
 *
 * @throws the file system's own error (disk full, read-only home): then the answer counts from one
 */
export function noteHops(paths: LogPaths, messages: readonly Pick<Message, "id" | "hops">[]): void {
  const counted = messages.flatMap(({ id, hops }) => (hops ? [`${id.toLowerCase()} ${digits(hops, 7)}`] : []));
  appendLog(paths, "hops", counted);
}

/** A message's hop count; 0 if a person wrote it, or if it was never shown here. */
export function hopsOf(paths: LogPaths, id: string): number {
  const last = readLog(paths, "hops").findLast(([, each]) => each === id.toLowerCase());
  return Number(last?.[2] ?? 0);
}

/** @throws the file system's own error */
export function appendLog(paths: LogPaths, kind: LogKind, entries: readonly string[]): void {
  if (entries.length === 0) return;
  appendLines(
    paths.log,
    entries.map((entry) => `${kind} ${entry}`),
    kindOf,
  );
}

/** The matched lines of a kind, oldest first. A crash may leave an incomplete line, which is skipped. */
export function readLog(paths: LogPaths, kind: LogKind): RegExpExecArray[] {
  const prefix = `${kind} `;
  return readLines(paths.log).flatMap((line) => {
    const parts = line.startsWith(prefix) ? KINDS[kind].exec(line.slice(prefix.length)) : null;
    return parts === null ? [] : [parts];
  });
}

function kindOf(line: string): string | null {
  const [, kind = "", entry = ""] = /^([a-z]+) (.+)$/.exec(line) ?? [];
  return isKind(kind) && KINDS[kind].test(entry) ? kind : null;
}

function isKind(word: string): word is LogKind {
  return Object.hasOwn(KINDS, word);
}

function digits(value: number, length: number): string {
  return String(Math.round(value)).padStart(length, "0");
}
