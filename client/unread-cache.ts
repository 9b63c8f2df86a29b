import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { UnreadGroup, UnreadSummary } from "../contract/api.ts";
import type { Work } from "../contract/capsule.ts";
import type { Paths } from "./paths.ts";
import { numberField, readPrivateJson, recordOf, textField, writePrivateJson } from "./private-file.ts";

/** The last known summary of a reader, shared by every session of this machine in that project. */
export interface CachedUnread {
  /** When the bridge last said so, in this machine's milliseconds since 1970. */
  readonly fetchedAt: number;
  readonly summary: UnreadSummary;
  /** What the bridge gave with it, for the next question; null when it gave none. */
  readonly tag: UnreadTag | null;
}

/** An ETag holds for one bridge, and until this machine marks something itself. */
export interface UnreadTag {
  readonly etag: string;
  readonly workerUrl: string;
  /** When the question was asked that it answers, in this machine's milliseconds since 1970. */
  readonly askedAt: number;
}

export function saveUnread(
  paths: Pick<Paths, "unread">,
  reader: string,
  summary: UnreadSummary,
  now: number = Date.now(),
  tag: UnreadTag | null = null,
): void {
  writePrivateJson(unreadFile(paths, reader), { v: 1, reader, fetchedAt: now, summary, ...(tag && { tag }) });
}

export function readUnread(paths: Pick<Paths, "unread">, reader: string): CachedUnread | null {
  const file = readPrivateJson(unreadFile(paths, reader));
  const fetchedAt = numberField(file, "fetchedAt");
  const summary = parseUnread(recordOf(file)?.summary);
  if (fetchedAt === undefined || summary === null) return null;
  return { fetchedAt, summary, tag: parseTag(recordOf(file)?.tag) };
}

/** Changes whenever what is known is told anew, in milliseconds since 1970; null when nothing is known. */
export function unreadWrittenAt(paths: Pick<Paths, "unread">, reader: string): number | null {
  return statSync(unreadFile(paths, reader), { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function parseTag(value: unknown): UnreadTag | null {
  const etag = textField(value, "etag");
  const workerUrl = textField(value, "workerUrl");
  const askedAt = numberField(value, "askedAt");
  return etag === undefined || workerUrl === undefined || askedAt === undefined ? null : { etag, workerUrl, askedAt };
}

/** A project name may hold characters a file name may not, on some system. */
function unreadFile(paths: Pick<Paths, "unread">, reader: string): string {
  return join(paths.unread, `${createHash("sha256").update(reader.toLowerCase()).digest("hex").slice(0, 16)}.json`);
}

/**
 * Reads an unread summary by hand: the hooks get it from the network or from the disk, and zod would double their start.
 * Loose like the contract's own schema; test/contract compares the two.
 *
 * @returns null when it is not one
 */
export function parseUnread(value: unknown): UnreadSummary | null {
  const record = recordOf(value);
  const unread = numberField(record, "unread");
  const handovers = numberField(record, "handovers");
  if (!record || unread === undefined || handovers === undefined) return null;
  const groups = Array.isArray(record.groups) ? record.groups : [];
  return { unread, handovers, groups: groups.map(parseGroup).filter((group) => group !== null) };
}

function parseGroup(value: unknown): UnreadGroup | null {
  const from = textField(value, "from");
  const unread = numberField(value, "unread");
  const session = textField(value, "session");
  const { latest, recent } = recordOf(value) ?? {};
  const id = textField(latest, "id");
  const timestamp = textField(latest, "timestamp");
  const work = parseWork(recordOf(latest)?.work);
  const takenBy = textField(latest, "takenBy");
  const hops = numberField(latest, "hops");
  if (from === undefined || unread === undefined || id === undefined || timestamp === undefined) return null;
  return {
    from,
    kind: KINDS.find((kind) => kind === textField(value, "kind")) ?? "note",
    ...(session === undefined ? {} : { session }),
    unread,
    latest: {
      id,
      timestamp,
      ...(work && { work }),
      ...(takenBy !== undefined && { takenBy }),
      ...(hops !== undefined && { hops }),
    },
    ...(Array.isArray(recent) && { recent: recent.filter((id): id is string => typeof id === "string") }),
  };
}

function parseWork(value: unknown): Work | undefined {
  const files = numberField(value, "files");
  if (files === undefined) return undefined;
  const { capsule } = recordOf(value) ?? {};
  const sha256 = textField(capsule, "sha256");
  const bytes = numberField(capsule, "bytes");
  return {
    branch: textField(value, "branch") ?? null,
    files,
    ...(sha256 !== undefined && bytes !== undefined && { capsule: { sha256, bytes } }),
  };
}

/** The contract's MESSAGE_KINDS, without loading zod; the type makes them the same. */
const KINDS: readonly UnreadGroup["kind"][] = ["note", "task", "reply", "handover"];
