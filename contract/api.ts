import * as z from "zod";
import { CapsuleBytes, Sha256, Work } from "./capsule.ts";
import { AuditEntry, KeyHash, MachineListEntry, SeenCredential } from "./machine-list.ts";
import {
  AddressText,
  DEFAULT_PAGE,
  MAX_IDS_PER_REQUEST,
  Message,
  MessageDraft,
  MessageId,
  MessageKind,
  Party,
  ProjectName,
  SessionId,
  Tag,
} from "./message.ts";

/** Every route of the bridge, once. The Worker's router, the client's methods, docs/reference/api.md and the tests come from here. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:id` where a message id stands, `:sha256` where the name of bytes does, `:invite` where an invitation's id. */
  readonly path: string;
  readonly query: z.ZodType;
  /** null: the request has no body, and one that comes is ignored. */
  readonly body: z.ZodType | null;
  /** Which of the two is no JSON but bytes (`application/octet-stream`). */
  readonly bytes?: "body" | "answer";
  /** The status of a success; a repeated send is answered 200. */
  readonly status: 200 | 201 | 101;
  /** Answered without a key. */
  readonly isPublic?: true;
  readonly answer: z.ZodType;
  /** What the route is for, for docs/reference/api.md. */
  readonly summary: string;
}

const NoQuery = z.strictObject({});

/** A date or a date and time; given back as an ISO instant. */
const Since = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], "must be an ISO date or time, like 2026-11-23T09:00:00Z")
  .transform((text) => new Date(text).toISOString());

/** More than 100 is answered with 100 and a cursor, because clients of the predecessor ask for what they like. */
const Limit = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, "must be a whole number from 1")
  .transform(Number)
  .default(DEFAULT_PAGE);

const Flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");

export const ListQuery = z.strictObject({
  unread: Flag.default(false),
  /** `mac` matches `mac` and `mac/photon`. */
  from: Party.optional(),
  to: AddressText.optional(),
  project: ProjectName.optional(),
  tag: Tag.optional(),
  kind: MessageKind.optional(),
  /** Any message of the thread. */
  thread: MessageId.optional(),
  since: Since.optional(),
  limit: Limit,
  /** Only what this reader may see, with its own read state. */
  reader: Party.optional(),
  /** With `unread`: leaves out what this session sent itself. */
  session: SessionId.optional(),
  cursor: z.string().max(200).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const MessagePage = z.looseObject({
  /** Newest first. */
  messages: z.array(Message),
  /** How many messages this answer holds. */
  count: z.int(),
  /** Given when there are more; opaque. */
  cursor: z.string().optional(),
  /** Ids of messages that belong here and whose text the bridge cannot read now; the next request may have them. */
  unavailable: z.array(z.string()).optional(),
});
export type MessagePage = z.infer<typeof MessagePage>;

/** The unread messages of one sender, kind and (for the reader's own machine) session. */
export const UnreadGroup = z.looseObject({
  from: z.string(),
  kind: MessageKind.catch("note"),
  /** Only for messages from the reader's own machine: a session does not count what it sent itself. */
  session: z.string().optional(),
  unread: z.int(),
  latest: z.looseObject({
    id: z.string(),
    timestamp: z.iso.datetime(),
    /** Of a handover: what it is about, and the machine that took it over. */
    work: Work.optional().catch(undefined),
    takenBy: z.string().optional(),
    /** Messages of agents in its thread since a person wrote; missing where nobody counted. */
    hops: z.int().optional().catch(undefined),
  }),
});
export type UnreadGroup = z.infer<typeof UnreadGroup>;

/** Most groups in one answer; the totals count all. */
export const MAX_UNREAD_GROUPS = 50;

export const UnreadSummary = z.looseObject({
  unread: z.int(),
  /** How many of them are handovers. */
  handovers: z.int(),
  latest: z
    .looseObject({ id: z.string(), from: z.string(), kind: MessageKind.catch("note"), timestamp: z.iso.datetime() })
    .optional(),
  /** Newest first. */
  groups: z.array(UnreadGroup).default([]),
});
export type UnreadSummary = z.infer<typeof UnreadSummary>;

/** Stands for all that a machine has heard of over a socket; with it a new socket hears at once when it missed something. */
export const LiveCursor = z.string().regex(/^[0-9a-z.]{1,100}$/, "must be a cursor that the bridge gave");

/**
 * A machine, and when the bridge last heard of it: it sent, was shown or marked a message. More than one installation is
 * more than one computer, or one that was set up anew.
 */
export const SeenMachine = z.looseObject({
  machine: z.string(),
  seenAt: z.iso.datetime(),
  /** The computers that said which they are. */
  installations: z.array(z.looseObject({ id: z.string(), seenAt: z.iso.datetime() })).optional(),
});
export type SeenMachine = z.infer<typeof SeenMachine>;

const Ids = z.array(MessageId).max(MAX_IDS_PER_REQUEST, `must hold at most ${MAX_IDS_PER_REQUEST} ids`);
const MarkBody = z.strictObject({ reader: Party, ids: Ids.min(1, "must name at least one message") });
/** With `shown`: what else the machine was shown since it last said so, so that both are one event in the store. */
const ReadBody = MarkBody.extend({ shown: Ids.optional() });

const Marked = z.looseObject({ marked: z.int() });

/** Names one computer among those of one machine name: 8 hexadecimal digits, drawn at its first start. Optional. */
export const INSTALLATION_HEADER = "photon-installation";
export const InstallationId = z.string().regex(/^[0-9a-f]{8}$/);

/** Says which version of Photon asks. Optional. */
export const VERSION_HEADER = "photon-version";
export const ClientVersion = z.string().regex(/^[0-9A-Za-z.+-]{1,32}$/);

/** Where the machine list ends now. */
const MachineListHead = z.looseObject({ length: z.int(), head: z.string() });

/** Texts that are counted for {@link ROUTES}.archive; more are as many. */
export const MAX_PENDING_COUNTED = 1_000;

export const ROUTES = {
  health: {
    method: "GET",
    path: "/health",
    query: z.looseObject({}),
    body: null,
    status: 200,
    answer: z.looseObject({
      status: z.literal("ok"),
      timestamp: z.iso.datetime(),
      version: z.string().optional(),
    }),
    isPublic: true,
    summary: "Whether the bridge is up. Needs no key.",
  },
  sendMessage: {
    method: "POST",
    path: "/messages",
    query: NoQuery,
    body: MessageDraft,
    status: 201,
    answer: z.looseObject({ id: z.string(), timestamp: z.iso.datetime(), status: z.literal("sent") }),
    summary: "Stores one message. Repeating an `id` answers 200 with the first `timestamp`.",
  },
  listMessages: {
    method: "GET",
    path: "/messages",
    query: ListQuery,
    body: null,
    status: 200,
    answer: MessagePage,
    summary: "Messages, newest first; every filter applies before `limit`.",
  },
  clearMessages: {
    method: "DELETE",
    path: "/messages",
    query: z.strictObject({ confirm: z.literal("true", "must be true: pass ?confirm=true to delete every message") }),
    body: null,
    status: 200,
    answer: z.looseObject({ status: z.literal("cleared"), count: z.int() }),
    summary: "Deletes every message.",
  },
  markShown: {
    method: "POST",
    path: "/messages/shown",
    query: NoQuery,
    body: MarkBody,
    status: 200,
    answer: Marked,
    summary: "Records that the texts reached Claude on that machine. Idempotent.",
  },
  markManyRead: {
    method: "POST",
    path: "/messages/read",
    query: NoQuery,
    body: ReadBody,
    status: 200,
    answer: Marked,
    summary: "Marks up to 100 messages read for one reader. Idempotent.",
  },
  markResumed: {
    method: "POST",
    path: "/messages/taken",
    query: NoQuery,
    body: MarkBody,
    status: 200,
    answer: Marked,
    summary: "Records that a machine resumed handovers, which marks them read for it. Idempotent.",
  },
  getMessage: {
    method: "GET",
    path: "/messages/:id",
    query: z.strictObject({ reader: Party.optional() }),
    body: null,
    status: 200,
    answer: Message,
    summary: "One message with its receipts.",
  },
  markRead: {
    method: "POST",
    path: "/messages/:id/read",
    query: z.strictObject({ reader: Party.optional() }),
    body: null,
    status: 200,
    answer: z.looseObject({ id: z.string(), status: z.literal("marked_read") }),
    summary: "Marks one message read, for the reader or, without one, for its recipient.",
  },
  deleteMessage: {
    method: "DELETE",
    path: "/messages/:id",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({ id: z.string(), status: z.literal("deleted") }),
    summary: "Deletes one message for everyone. Deleting a missing one succeeds too.",
  },
  unread: {
    method: "GET",
    path: "/unread",
    query: z.strictObject({ reader: Party }),
    body: null,
    status: 200,
    answer: UnreadSummary,
    summary: "How many messages are unread for a reader, by sender and kind. The hooks call it.",
  },
  machines: {
    method: "GET",
    path: "/machines",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({ machines: z.array(SeenMachine) }),
    summary: "The machines that sent, were shown or read something, and when last.",
  },
  live: {
    method: "GET",
    path: "/live",
    query: z.strictObject({
      reader: Party,
      /** From the last thing this reader was told over a socket. */
      cursor: LiveCursor.optional(),
    }),
    body: null,
    status: 101,
    answer: z.null(),
    summary: "A WebSocket that says what is unread for a reader, now and whenever something changes.",
  },
  archive: {
    method: "GET",
    path: "/archive",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({
      /** Texts that KV does not have yet, at most {@link MAX_PENDING_COUNTED}. They are safe in the object meanwhile. */
      pending: z.int(),
      /** When the oldest of them came. */
      since: z.iso.datetime().optional(),
      /** When the bridge tries again, after KV refused. */
      retryAt: z.iso.datetime().optional(),
    }),
    summary: "How many texts are not in KV yet. For owners.",
  },
  putCapsule: {
    method: "PUT",
    path: "/capsules/:sha256",
    query: NoQuery,
    body: CapsuleBytes,
    bytes: "body",
    status: 201,
    answer: z.looseObject({ sha256: Sha256, bytes: z.int(), expiresAt: z.iso.datetime() }),
    summary: "Stores a capsule, or a part of one, under its own SHA-256 for 14 days. Repeating it restarts the time.",
  },
  getCapsule: {
    method: "GET",
    path: "/capsules/:sha256",
    query: NoQuery,
    body: null,
    bytes: "answer",
    status: 200,
    answer: CapsuleBytes,
    summary: "The bytes with this SHA-256.",
  },
  machineList: {
    method: "GET",
    path: "/roster",
    query: z.strictObject({
      /** How many entries the machine has already. */
      after: z
        .string()
        .regex(/^[0-9]{1,6}$/, "must be a whole number")
        .transform(Number)
        .default(0),
    }),
    body: null,
    status: 200,
    answer: z.looseObject({
      /** Those after that many, in order. */
      entries: z.array(MachineListEntry),
      /** The machines that the bridge has heard of since they joined. */
      seen: z.array(SeenCredential).default([]),
    }),
    summary: "The machines that joined, as a chain of signed entries.",
  },
  extendMachineList: {
    method: "POST",
    path: "/roster",
    query: NoQuery,
    body: z.strictObject({
      entry: MachineListEntry,
      /** Of the first machine's key, with a `found` entry alone. */
      keyHash: KeyHash.optional(),
    }),
    status: 201,
    answer: MachineListHead,
    summary: "Adds an entry other than a joining; `conflict` when the machine list has grown meanwhile.",
  },
  invitation: {
    method: "GET",
    path: "/invites/:invite",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({ entries: z.array(MachineListEntry) }),
    isPublic: true,
    summary: "The machine list, for whoever has an open invitation's id. Needs no key.",
  },
  join: {
    method: "POST",
    path: "/invites/:invite/join",
    query: NoQuery,
    body: z.strictObject({ entry: MachineListEntry, keyHash: KeyHash }),
    status: 201,
    answer: MachineListHead,
    isPublic: true,
    summary: "Joins by an invitation, once. Needs no key: the entry is signed with the invitation's.",
  },
  auditLog: {
    method: "GET",
    path: "/log",
    query: z.strictObject({ limit: Limit, cursor: z.string().max(200).optional() }),
    body: null,
    status: 200,
    answer: z.looseObject({ entries: z.array(AuditEntry), cursor: z.string().optional() }),
    summary: "Who joined, invited, was revoked or used a wrong key, newest first. Never a message.",
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof ROUTES;
