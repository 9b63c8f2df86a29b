import { createHash } from "node:crypto";
import { fstatSync, readSync } from "node:fs";
import {
  numberField,
  readIfThere,
  recordOf,
  removeFile,
  textField,
  writeLosableFile,
} from "../../client/disk/private-file.ts";
import { parseJson } from "../../contract/parse-json.ts";
import manifest from "../../package.json" with { type: "json" };
import type { SavedConversation } from "../transcript/facts-from-transcript.ts";
import type { ReadAt } from "./read-transcript.ts";
import type { SubagentWork } from "./subagent-files.ts";

/** What was read of a transcript, up to an offset in it. */
export interface Checkpoint {
  /** Behind the last line that was read. */
  readonly offset: number;
  readonly conversation: SavedConversation;
  readonly subagents: readonly SubagentWork[];
}

/** A session with more to remember is read from the beginning each time: then reading is not what takes long. */
const MAX_CHARS = 600_000;
/** How much of a transcript's beginning and of the part before the offset must still be the same. */
const SAME_BYTES = 4_096;

/**
 * The checkpoint of an open transcript. Only of the same file that has at most grown since then, and only one that this
 * version of Photon wrote completely: another one's content may have another shape.
 *
 * @returns null if the transcript must be read from its beginning
 */
export function readCheckpoint(path: string, file: number, readAt?: ReadAt): Checkpoint | null {
  const content = readIfThere(path);
  const headEnd = content?.indexOf("\n") ?? -1;
  if (content === null || headEnd === -1) return null;
  const head = recordOf(parseJson(content.toString("utf8", 0, headEnd)));
  const body = content.subarray(headEnd + 1);
  const offset = numberField(head, "offset") ?? Number.NaN;
  const isOwn = head?.version === manifest.version && head.body === digest(body);
  if (!isOwn || !isSame(head.transcript, identityOf(file, offset, readAt))) return null;
  const value = parseJson(body.toString());
  return isBody(value) ? { ...value, offset } : null;
}

/** The digest of a file says that {@link writeCheckpoint} of the same version made it from this type. */
function isBody(value: unknown): value is Omit<Checkpoint, "offset"> {
  return recordOf(value) !== undefined;
}

/** Never throws. @param conversation - as JSON, because its reader may have gone on to a line that is incomplete */
export function writeCheckpoint(
  path: string,
  file: number,
  { offset, conversation, subagents }: Omit<Checkpoint, "conversation"> & { readonly conversation: string },
): void {
  const transcript = identityOf(file, offset);
  const body = `{"conversation":${conversation},"subagents":${JSON.stringify(subagents)}}`;
  if (transcript === null) return;
  const head = { version: manifest.version, offset, transcript, body: digest(body) };
  if (body.length > MAX_CHARS) removeFile(path);
  else writeLosableFile(path, `${JSON.stringify(head)}\n${body}`);
}

/** What changes if another file takes the place of a transcript. */
interface Identity {
  /** Of the file itself, its beginning, and the part before the offset. */
  readonly content: string;
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly changedAt: number;
}

/** @returns null if the file ends before the offset */
function identityOf(file: number, offset: number, readAt: ReadAt = readSync): Identity | null {
  try {
    const { ino, size, mtimeMs } = fstatSync(file);
    if (!(offset <= size)) return null;
    const length = Math.min(SAME_BYTES, offset);
    const parts = Buffer.alloc(2 * length);
    readAt(file, parts, 0, length, 0);
    readAt(file, parts, length, length, offset - length);
    return { content: `${ino} ${digest(parts)}`, size, changedAt: mtimeMs };
  } catch {
    return null;
  }
}

/** A transcript only grows. One that was written without growing may have been changed anywhere. */
function isSame(known: unknown, now: Identity | null): boolean {
  const size = numberField(known, "size") ?? Number.NaN;
  if (now === null || textField(known, "content") !== now.content) return false;
  return now.size > size || (now.size === size && now.changedAt === numberField(known, "changedAt"));
}

function digest(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}
