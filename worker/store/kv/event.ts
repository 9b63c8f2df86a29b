import * as z from "zod";
import { WorkDraft } from "../../../contract/capsule.ts";
import { MessageKind, utf8Bytes } from "../../../contract/message.ts";
import { SUFFIX_CHARS } from "./event-key.ts";

/** What KV allows for the metadata of one key, in bytes of serialised UTF-8. */
export const MAX_METADATA_BYTES = 1024;

/** How many messages one receipt or tombstone covers, so that its metadata fits with the longest machine name. */
export const MAX_SUFFIXES = 60;

/** Suffixes, one after another without a separator: they all have the same length. */
const Suffixes = z.string().transform((text, context) => {
  const suffixes: string[] = text.match(/[0-9a-v]{14}/g) ?? [];
  if (suffixes.length * SUFFIX_CHARS !== text.length) context.addIssue("holds something that is no suffix");
  return suffixes;
});

const Version = z.literal(1);

/** The last moment that a date can say. */
const MAX_DATE_MS = 8_640_000_000_000_000;

export const MessageEvent = z.object({
  v: Version,
  type: z.literal("message"),
  id: z.string(),
  from: z.string(),
  to: z.string().optional(),
  project: z.string().optional(),
  kind: MessageKind.catch("note"),
  replyTo: z.string().optional(),
  replaces: z.string().optional(),
  session: z.string().optional(),
  /** The computer that sent it. */
  installation: z.string().optional(),
  /** Milliseconds since 1970; no later than a date can be. */
  expiresAt: z.int().min(0).max(MAX_DATE_MS).optional(),
  hops: z.int().optional(),
  /** Of a handover; missing when it is in the value, as the content may be. */
  work: WorkDraft.optional().catch(undefined),
  /** Missing: it is in the value, because the metadata would be too large. */
  content: z.string().optional(),
  /** Missing: in the value, as above. */
  tags: z.array(z.string()).optional(),
  /** Size of the value in bytes of UTF-8; missing when there is none. */
  valueBytes: z.int().optional(),
});
export type MessageEvent = z.infer<typeof MessageEvent>;

/** One machine was shown messages, marked them read or took them over, at the time of the key. */
export const ReceiptEvent = z.object({
  v: Version,
  type: z.literal("receipt"),
  /** `*`: a client that did not say who it is. */
  machine: z.string(),
  /** The computer that said so. */
  installation: z.string().optional(),
  shown: Suffixes.optional(),
  read: Suffixes.optional(),
  taken: Suffixes.optional(),
});
export type ReceiptEvent = z.infer<typeof ReceiptEvent>;

/** Messages are deleted, for everyone and for good. */
const TombstoneEvent = z.object({ v: Version, type: z.literal("tombstone"), removed: Suffixes });

/** Every message older than this event is deleted. */
export const ClearEvent = z.object({ v: Version, type: z.literal("clear") });

/** The metadata of an event's key. One of a later version does not parse, and hides nothing else. */
export const StoredEvent = z.discriminatedUnion("type", [MessageEvent, ReceiptEvent, TombstoneEvent, ClearEvent]);
export type StoredEvent = z.infer<typeof StoredEvent>;
/** An event as it is written. */
export type NewEvent = z.input<typeof StoredEvent>;

/** The value of a message's key: what did not fit into its metadata. */
export const MessageBody = z.object({
  content: z.string().optional(),
  tags: z.array(z.string()).optional(),
  work: WorkDraft.optional().catch(undefined),
});
export type MessageBody = z.infer<typeof MessageBody>;

export interface PackedMessage {
  readonly event: z.input<typeof MessageEvent>;
  /** Empty when everything is in the event. */
  readonly value: string;
}

/** A message before it is decided what of it goes where. */
export type WholeMessage = Omit<z.input<typeof MessageEvent>, "valueBytes"> & { content: string; tags: string[] };

/**
 * Puts as much into the metadata as fits, because a list brings that along and a value costs a read of its own: all of
 * it, else all but the content, else without the tags (a filter has to read the value then), else without what the work
 * is about too. What is left always fits: the test has the longest.
 */
export function packMessage({ content, tags, work, ...rest }: WholeMessage): PackedMessage {
  const about = work && { work };
  const whole = { ...rest, ...about, tags, content };
  if (metadataBytes(whole) <= MAX_METADATA_BYTES) return { event: whole, value: "" };
  const smaller = [
    withValue({ ...rest, ...about, tags }, { content }),
    withValue({ ...rest, ...about }, { content, tags }),
  ].find(({ event }) => metadataBytes(event) <= MAX_METADATA_BYTES);
  return smaller ?? withValue(rest, { content, tags, ...about });
}

function withValue(event: z.input<typeof MessageEvent>, body: MessageBody): PackedMessage {
  const value = JSON.stringify(body);
  return { event: { ...event, valueBytes: utf8Bytes(value) }, value };
}

/** The size that KV measures. */
export function metadataBytes(event: NewEvent): number {
  return utf8Bytes(JSON.stringify(event));
}
