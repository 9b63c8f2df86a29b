import type { MessageDraft, MessageDraftInput } from "../../contract/message.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, recordOf, textField } from "../disk/private-file.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";
import { inOneLine } from "../text/clean-text.ts";
import { clip } from "../text/clip.ts";
import { appendLog, readLog } from "./mail-log.ts";

/** A message that the bridge has acknowledged. Kept because the bridge forgets expired and deleted messages. */
export interface SentMessage {
  readonly id: string;
  /** null means everyone. */
  readonly to: string | null;
  readonly kind: string;
  /** When the bridge received it, in its milliseconds since 1970. */
  readonly storedAt: number;
  /** Milliseconds since 1970; null if the sender set no expiry. */
  readonly expiresAt: number | null;
  /** See {@link digestOf}; for finding repeats. */
  readonly digest: string;
  /** See {@link previewOf}; so that a person recognizes it. */
  readonly preview: string;
  /** Whether it was written with a capsule and went without it. */
  readonly isWithoutCapsule: boolean;
}

const MAX_PREVIEW_CHARS = 80;

/**
 * @param timestamp - the bridge's, in ISO 8601
 * @param isWithoutCapsule - see {@link SentMessage}
 * @throws the file system's own error
 */
export function addSent(
  paths: Pick<Paths, "log">,
  id: string,
  draft: MessageDraft,
  timestamp: string,
  isWithoutCapsule = false,
): void {
  const storedAt = Date.parse(timestamp);
  const { to, kind, expiresInSeconds, content } = draft;
  const expiresAt = expiresInSeconds === undefined ? null : storedAt + expiresInSeconds * 1000;
  const sent = { id, to, kind, storedAt, expiresAt, preview: previewOf(kind, content), digest: digestOf(draft) };
  appendLog(paths, "sent", [JSON.stringify({ ...sent, ...(isWithoutCapsule && { isWithoutCapsule }) })]);
}

/** The beginning of a message's text, or a handover's goal, whose text begins with headings. Not cleaned. */
export function previewOf(kind: string, content: string): string {
  const said = kind === "handover" ? goalLine(content) : "";
  return (said || content).slice(0, MAX_PREVIEW_CHARS);
}

/** Equal for messages with the same text, recipient, kind and `replyTo`. 16 hexadecimal digits. */
export function digestOf({
  content,
  to,
  kind,
  replyTo,
}: Pick<MessageDraftInput, "content" | "to" | "kind" | "replyTo">): string {
  const said = JSON.stringify([content, to?.toLowerCase() ?? null, kind ?? "note", replyTo?.toLowerCase() ?? null]);
  return sha256Hex(said).slice(0, 16);
}

/** The sent messages, at least the last 2,000, newest first, without duplicates. */
export function readSent(paths: Pick<Paths, "log">): SentMessage[] {
  const sent = new Map<string, SentMessage>();
  for (const [, line = ""] of readLog(paths, "sent")) {
    const message = parseLine(line);
    if (message && !sent.has(message.id)) sent.set(message.id, message);
  }
  return [...sent.values()].reverse();
}

/** @returns null for an incomplete line, which a crash may leave */
function parseLine(line: string): SentMessage | null {
  const value = parseJson(line);
  const id = textField(value, "id");
  const storedAt = numberField(value, "storedAt");
  if (id === undefined || storedAt === undefined) return null;
  return {
    id,
    storedAt,
    to: textField(value, "to") ?? null,
    kind: textField(value, "kind") ?? "note",
    expiresAt: numberField(value, "expiresAt") ?? null,
    preview: textField(value, "preview") ?? "",
    digest: textField(value, "digest") ?? "",
    isWithoutCapsule: recordOf(value)?.isWithoutCapsule === true,
  };
}

const MAX_GOAL_CHARS = 200;

/**
 * What a handover is about, in one line: the goal of a page that Photon made, or else the first line that is no heading. The
 * text comes from the sender.
 *
 * @param content - cleaned already
 */
export function goalLine(content: string): string {
  const lines = content.split("\n", 200).map((line) => line.trim());
  const goal = lines.indexOf("## Goal");
  const isText = (line: string) => line !== "" && !line.startsWith("#") && !line.endsWith(":");
  const first = lines.slice(goal + 1).find(isText) ?? "";
  return clip(inOneLine(first.replace(/^(?:>|Title:)\s*/, "")), MAX_GOAL_CHARS);
}
