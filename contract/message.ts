import * as z from "zod"; // never `{ z }`: five times the bundle
import { MACHINE_ID, PROJECT_NAME, parseAddress } from "./address.ts";
import { Work, WorkDraft } from "./capsule.ts";
import { MESSAGE_KINDS } from "./constants.ts";
import { encryptedPart, MAX_ENCRYPTED_BYTES } from "./encrypted.ts";
import { TOO_LARGE } from "./problem.ts";

/** Longest content the bridge accepts, in bytes of UTF-8. */
export const MAX_CONTENT_BYTES = 256 * 1024;

/**
 * Largest request the bridge reads, in bytes. JSON needs at most six bytes per byte of content (`\u0000`); the other fields
 * fit into the remaining 16 KiB.
 */
export const MAX_REQUEST_BYTES = 6 * MAX_CONTENT_BYTES + 16 * 1024;

export const MAX_TAGS = 16;
export const MAX_TAG_CHARS = 64;

/** The bridge keeps a message for this long unless it is deleted: 30 days. */
export const MAX_AGE_SECONDS = 30 * 24 * 60 * 60;

/** KV's shortest lifetime for a key: a minute. */
export const MIN_AGE_SECONDS = 60;

/** Most messages in one answer. A longer list has a cursor. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;

const PROJECT_RULE =
  "letters, digits, spaces, `.`, `_` and `-`, starting with a letter or digit, at most 100 characters";

export const ProjectName = z.string().regex(PROJECT_NAME, `must be a project name: ${PROJECT_RULE}`);

export const MachineName = z
  .string()
  .regex(MACHINE_ID, "must be a machine: letters, digits, `.`, `_` and `-`, at most 63 characters");

/** `mac`, `mac/photon`, or the address of every machine in a project. */
export const AddressText = z
  .string()
  .refine((text) => parseAddress(text) !== null, "must be an address: `machine`, `machine/project` or `*/project`");

/** A sender or reader: a machine, with or without a project; never `*`. */
export const MachineAddress = z
  .string()
  .refine(
    (text) => (parseAddress(text)?.machine ?? "*") !== "*",
    "must be a machine, or a machine and its project: `mac` or `mac/photon`",
  );

export const MessageId = z.uuid("must be a message id (a UUID)").toLowerCase();
export const SessionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be a session id: at most 64 letters, digits, `.`, `_`, `-`");
export const Tag = z
  .string()
  .min(1, "must not be empty")
  .max(MAX_TAG_CHARS, `must have at most ${MAX_TAG_CHARS} characters`);

/** A thread wakes no session after this many messages by agents in a row, without one by a person. */
export const MAX_HOPS = 30;

/** Messages by agents in the thread since a person last wrote in it, including this one. */
const Hops = z.int().min(0).max(1_000_000);

export const MessageKind = z.enum(MESSAGE_KINDS, `must be one of ${MESSAGE_KINDS.join(", ")}`);
export type MessageKind = z.infer<typeof MessageKind>;

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

export const Content = z
  .string()
  .min(1, "must not be empty")
  .refine((text) => utf8Bytes(text) <= (encryptedPart(text) === null ? MAX_CONTENT_BYTES : MAX_ENCRYPTED_BYTES), {
    error: `is larger than ${MAX_CONTENT_BYTES} bytes (256 KiB)`,
    params: TOO_LARGE,
  });

/**
 * A message as a client sends it. Strict: an unknown field is an error. `to`, `project` and `tags` may be null, because
 * clients of the predecessor send null for "everyone", "no project" and "no tags".
 */
export const MessageDraft = z.strictObject({
  content: Content,
  from: MachineAddress,
  to: AddressText.nullish().transform((to) => to ?? null),
  project: ProjectName.nullish().transform((project) => project ?? null),
  tags: z
    .array(Tag)
    .max(MAX_TAGS, `must hold at most ${MAX_TAGS} tags`)
    .nullish()
    .transform((tags) => tags ?? []),
  /** Chosen by the client, which makes sending idempotent: the bridge stores each id once. */
  id: MessageId.optional(),
  kind: MessageKind.default("note"),
  replyTo: MessageId.optional(),
  /** An older message of the same machine. The bridge deletes it. */
  replaces: MessageId.optional(),
  session: SessionId.optional(),
  expiresInSeconds: z
    .int()
    .min(MIN_AGE_SECONDS, `must be at least ${MIN_AGE_SECONDS}`)
    .max(MAX_AGE_SECONDS, `must be at most ${MAX_AGE_SECONDS} (30 days)`)
    .optional(),
  /** What a handover is about. */
  work: WorkDraft.optional(),
  /** Set by an agent that answers an agent; missing if a person wrote the message, or if unknown. */
  hops: Hops.optional(),
});
export type MessageDraft = z.infer<typeof MessageDraft>;
/** A draft before the defaults are filled in. */
export type MessageDraftInput = z.input<typeof MessageDraft>;

/**
 * When a machine was shown a message, read it, or resumed it (a handover; on the wire `takenAt`). `machine: "*"` stands for
 * clients that sent no reader.
 */
export const Receipt = z.looseObject({
  machine: z.string(),
  shownAt: z.iso.datetime().optional(),
  readAt: z.iso.datetime().optional(),
  takenAt: z.iso.datetime().optional(),
});
export type Receipt = z.infer<typeof Receipt>;

/** A stored message. Loose: an old client accepts a new field. */
export const Message = z.looseObject({
  id: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  project: z.string().nullable(),
  /** When the bridge received the message. */
  timestamp: z.iso.datetime(),
  content: z.string(),
  tags: z.array(z.string()),
  /** Whether the reader's machine read it; without a reader, whether any machine did. */
  read: z.boolean(),
  /** An unknown kind, from a later version, counts as a note. */
  kind: MessageKind.catch("note"),
  replyTo: z.string().optional(),
  session: z.string().optional(),
  expiresAt: z.iso.datetime().optional(),
  /** Left out if a later version wrote it in an unknown form. */
  work: Work.optional().catch(undefined),
  hops: Hops.optional().catch(undefined),
  receipts: z.array(Receipt).optional(),
});
export type Message = z.infer<typeof Message>;
