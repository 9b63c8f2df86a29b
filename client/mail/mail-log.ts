import { MESSAGE_ID } from "../../contract/address.ts";
import type { Message } from "../../contract/message.ts";
import { appendLines, readLines } from "../disk/line-log.ts";
import type { Paths } from "../disk/paths.ts";

/** A message's id and when, in this machine's milliseconds since 1970: of one length, so that half of it is known as such. */
const ID_AND_TIME = new RegExp(`^(${MESSAGE_ID}) (\\d{13})$`);

/** The lines of the log by their first word. */
const KINDS = {
  /** A message whose text reached somebody here. */
  shown: ID_AND_TIME,
  /** A message that the bridge has acknowledged, as JSON. */
  sent: /^(\{.+\})$/,
  /** A message's id, and how many messages of agents its thread has since a person wrote. */
  hops: new RegExp(`^(${MESSAGE_ID}) (\\d{7})$`),
} as const;

export type LogKind = keyof typeof KINDS;

type LogPaths = Pick<Paths, "log">;

/** A message's id, and when it was noted first in this machine's milliseconds since 1970. */
export type NotedIds = ReadonlyMap<string, number>;

/** The messages this machine was shown lately, the last 2,000 at least. */
export function readShown(paths: LogPaths): NotedIds {
  const ids = new Map<string, number>();
  for (const [, id, time] of readLog(paths, "shown")) {
    if (id !== undefined && !ids.has(id)) ids.set(id, Number(time));
  }
  return ids;
}

/**
 * Remembers that messages were shown. To be called when their text really reached somebody: a crash before that shows
 * them again, one after it does not.
 *
 * @returns those that were not there yet; two processes that add at the same time may both be told so
 * @throws the file system's own error (disk full, read-only home): then it is not remembered
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

/**
 * Remembers how far the threads of messages that were shown here are from a person, so that an answer can count on.
 *
 * @throws the file system's own error (disk full, read-only home): then the answer counts from one
 */
export function noteHops(paths: LogPaths, messages: readonly Pick<Message, "id" | "hops">[]): void {
  const counted = messages.flatMap(({ id, hops }) => (hops ? [`${id.toLowerCase()} ${digits(hops, 7)}`] : []));
  appendLog(paths, "hops", counted);
}

/** How far the thread of a message is from a person; 0 when a person wrote it, or it was never shown here. */
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

/** The parts of the lines of a kind, oldest first. Half a line, which a crash may leave, is not among them. */
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
