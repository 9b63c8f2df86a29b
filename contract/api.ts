import * as z from "zod";
import { CapsuleBytes, Sha256, Work } from "./capsule.ts";
import { MAX_IDS_PER_REQUEST } from "./constants.ts";
import { AuditEntry, KeyHash, MachineListEntry, SeenCredential } from "./machine-list.ts";
import {
  AddressText,
  DEFAULT_PAGE,
  MachineAddress,
  Message,
  MessageDraft,
  MessageId,
  MessageKind,
  ProjectName,
  SessionId,
  Tag,
} from "./message.ts";

/** Every route of the bridge, once. The Worker's router, the client's methods, docs/reference/api.md and the tests come from here. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Parameters: `:id` is a message id, `:sha256` the hash of a capsule part, `:invite` an invitation's id. */
  readonly path: string;
  readonly query: z.ZodType;
  /** null: the request has no body; a body that is sent is ignored. */
  readonly body: z.ZodType | null;
  /** Whether the body or the answer is binary (`application/octet-stream`) instead of JSON. */
  readonly bytes?: "body" | "answer";
  /** The status of a success. A repeated send is answered 200. */
  readonly status: 200 | 201 | 101;
  /** Needs no key. */
  readonly isPublic?: true;
  readonly answer: z.ZodType;
  /** What the route is for, for docs/reference/api.md. */
  readonly summary: string;
}

const NoQuery = z.strictObject({});

/** A date, or a date and time. Parsed to an ISO instant. */
const Since = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], "must be an ISO date or time, like 2026-11-23T09:00:00Z")
  .transform((text) => new Date(text).toISOString());

/** A limit above 100 is not an error: the answer has 100 and a cursor. Clients of the predecessor send any number. */
const Limit = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, "must be a whole number from 1")
  .transform(Number)
  .default(DEFAULT_PAGE);

const Flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");

export const ListQuery = z.strictObject({
  unread: Flag.default(false),
  /** `mac` matches `mac` and `mac/photon`. */
  from: MachineAddress.optional(),
  to: AddressText.optional(),
  project: ProjectName.optional(),
  tag: Tag.optional(),
  kind: MessageKind.optional(),
  /** Any message of the thread. */
  thread: MessageId.optional(),
  since: Since.optional(),
  limit: Limit,
  /** Lists only what this reader may see, with its own read state. */
  reader: MachineAddress.optional(),
  /** With `unread`: leaves out messages that this session sent. */
  session: SessionId.optional(),
  cursor: z.string().max(200).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const MessagePage = z.looseObject({
  /** Newest first. */
  messages: z.array(Message),
  /** How many messages this answer holds. */
  count: z.int(),
  /** Opaque. Present if there are more messages. */
  cursor: z.string().optional(),
  /** Ids of messages that match but whose text the bridge cannot read now. A later request may return them. */
  unavailable: z.array(z.string()).optional(),
});
export type MessagePage = z.infer<typeof MessagePage>;

/** A message in a summary of unread ones. */
const UnreadMessage = z.looseObject({
  id: z.string(),
  timestamp: z.iso.datetime(),
  /** For a handover: what it is about, and the machine that resumed it. */
  work: Work.optional().catch(undefined),
  takenBy: z.string().optional(),
  /** Messages by agents in its thread since a person last wrote; missing if the sender did not count them. */
  hops: z.int().optional().catch(undefined),
});

/** The unread messages of one sender, kind and (for the reader's own machine) session. */
export const UnreadGroup = z.looseObject({
  from: z.string(),
  kind: MessageKind.catch("note"),
  /** Only for messages from the reader's own machine: a session does not count what it sent itself. */
  session: z.string().optional(),
  /** Only for messages from the reader's own machine: they were for everyone, or for every machine in a project. */
  broadcast: z.boolean().optional().catch(undefined),
  unread: z.int(),
  latest: UnreadMessage,
  /** Of handovers: the newest with a capsule, unless that is the latest. */
  withCapsule: UnreadMessage.optional().catch(undefined),
});
export type UnreadGroup = z.infer<typeof UnreadGroup>;

export const UnreadSummary = z.looseObject({
  unread: z.int(),
  /** How many of the unread messages are handovers. */
  handovers: z.int(),
  latest: z
    .looseObject({ id: z.string(), from: z.string(), kind: MessageKind.catch("note"), timestamp: z.iso.datetime() })
    .optional(),
  /** Newest first. */
  groups: z.array(UnreadGroup).default([]),
});
export type UnreadSummary = z.infer<typeof UnreadSummary>;

/** How far a machine has followed changes over a socket. A new socket opened with it is told at once of missed changes. */
export const LiveCursor = z.string().regex(/^[0-9a-z.]{1,100}$/, "must be a cursor that the bridge gave");

/**
 * A machine, and when it was last seen: when a joined machine last used its key, and when any other last sent, was shown or
 * marked a message. Several installations mean several computers with the same name, or one that was set up again.
 */
export const SeenMachine = z.looseObject({
  machine: z.string(),
  seenAt: z.iso.datetime(),
  /** A session of the machine has an open socket; `seenAt` is then now. */
  online: z.literal(true).optional(),
  /** Only for a machine that was renamed after it joined. */
  formerNames: z.array(z.string()).optional(),
  /** Only for a machine that joined: encrypted broadcasts with an earlier time are not for it. */
  mailSince: z.iso.datetime().optional(),
  /** The computers that sent an installation id. */
  installations: z.array(z.looseObject({ id: z.string(), seenAt: z.iso.datetime() })).optional(),
});
export type SeenMachine = z.infer<typeof SeenMachine>;

const Ids = z.array(MessageId).max(MAX_IDS_PER_REQUEST, `must hold at most ${MAX_IDS_PER_REQUEST} ids`);
const MarkBody = z.strictObject({ reader: MachineAddress, ids: Ids.min(1, "must name at least one message") });
/** With `shown`: other messages that the machine was shown since its last report, so that one request records both. */
const ReadBody = MarkBody.extend({ shown: Ids.optional() });

/** With `undone`: the machine resumed them, and undid that. They are then neither resumed nor read. */
const ResumedBody = MarkBody.extend({ undone: z.boolean().optional() });

const Marked = z.looseObject({ marked: z.int() });

/** Tells computers with the same machine name apart: 8 random hexadecimal digits, created at the first start. Optional. */
export const INSTALLATION_HEADER = "photon-installation";
export const InstallationId = z.string().regex(/^[0-9a-f]{8}$/);

/** The client's version of Photon. Optional. */
export const VERSION_HEADER = "photon-version";
export const ClientVersion = z.string().regex(/^[0-9A-Za-z.+-]{1,32}$/);

/** The current end of the machine list. */
const MachineListHead = z.looseObject({ length: z.int(), head: z.string() });

/** {@link ROUTES}.archive stops counting here: a larger number of pending texts is reported as this one. */
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
    summary: "Whether the bridge is up.",
  },
  sendMessage: {
    method: "POST",
    path: "/messages",
    query: NoQuery,
    body: MessageDraft,
    status: 201,
    answer: z.looseObject({ id: z.string(), timestamp: z.iso.datetime(), status: z.literal("sent") }),
    summary: "Sends one message.",
  },
  listMessages: {
    method: "GET",
    path: "/messages",
    query: ListQuery,
    body: null,
    status: 200,
    answer: MessagePage,
    summary: "Lists messages, newest first.",
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
    summary: "Records that a machine showed messages.",
  },
  markManyRead: {
    method: "POST",
    path: "/messages/read",
    query: NoQuery,
    body: ReadBody,
    status: 200,
    answer: Marked,
    summary: "Marks messages read.",
  },
  markResumed: {
    method: "POST",
    path: "/messages/taken",
    query: NoQuery,
    body: ResumedBody,
    status: 200,
    answer: Marked,
    summary: "Records that a machine resumed handovers.",
  },
  getMessage: {
    method: "GET",
    path: "/messages/:id",
    query: z.strictObject({ reader: MachineAddress.optional() }),
    body: null,
    status: 200,
    answer: Message,
    summary: "One message with its receipts.",
  },
  markRead: {
    method: "POST",
    path: "/messages/:id/read",
    query: z.strictObject({ reader: MachineAddress.optional() }),
    body: null,
    status: 200,
    answer: z.looseObject({ id: z.string(), status: z.literal("marked_read") }),
    summary: "Marks one message read.",
  },
  deleteMessage: {
    method: "DELETE",
    path: "/messages/:id",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({ id: z.string(), status: z.literal("deleted") }),
    summary: "Deletes one message for everyone.",
  },
  unread: {
    method: "GET",
    path: "/unread",
    query: z.strictObject({ reader: MachineAddress }),
    body: null,
    status: 200,
    answer: UnreadSummary,
    summary: "Unread counts by sender and kind.",
  },
  machines: {
    method: "GET",
    path: "/machines",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({ machines: z.array(SeenMachine) }),
    summary: "The machines that used the bridge.",
  },
  live: {
    method: "GET",
    path: "/live",
    query: z.strictObject({
      reader: MachineAddress,
      /** From the last change that this reader received over a socket. */
      cursor: LiveCursor.optional(),
    }),
    body: null,
    status: 101,
    answer: z.null(),
    summary: "A WebSocket that sends unread counts.",
  },
  archive: {
    method: "GET",
    path: "/archive",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({
      /** Texts not copied to KV yet, at most {@link MAX_PENDING_COUNTED}. Until then the object keeps them. */
      pending: z.int(),
      /** When the oldest of them was received. */
      since: z.iso.datetime().optional(),
      /** When the bridge retries after a failure of KV. */
      retryAt: z.iso.datetime().optional(),
    }),
    summary: "How many texts are not in KV yet.",
  },
  putCapsule: {
    method: "PUT",
    path: "/capsules/:sha256",
    query: NoQuery,
    body: CapsuleBytes,
    bytes: "body",
    status: 201,
    answer: z.looseObject({ sha256: Sha256, bytes: z.int(), expiresAt: z.iso.datetime() }),
    summary: "Stores a capsule, or a part of one.",
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
      /** The entries after the first `after`, in order. */
      entries: z.array(MachineListEntry),
      /** When the bridge last heard from each machine that joined; missing for a machine that has not been seen since. */
      seen: z.array(SeenCredential).default([]),
    }),
    summary: "The machine list.",
  },
  extendMachineList: {
    method: "POST",
    path: "/roster",
    query: NoQuery,
    body: z.strictObject({
      entry: MachineListEntry,
      /** The hash of the first machine's key. Only with a `found` entry. */
      keyHash: KeyHash.optional(),
    }),
    status: 201,
    answer: MachineListHead,
    summary: "Adds an entry to the machine list.",
  },
  invitation: {
    method: "GET",
    path: "/invites/:invite",
    query: NoQuery,
    body: null,
    status: 200,
    answer: z.looseObject({ entries: z.array(MachineListEntry) }),
    isPublic: true,
    summary: "The machine list, for an invited machine.",
  },
  join: {
    method: "POST",
    path: "/invites/:invite/join",
    query: NoQuery,
    body: z.strictObject({ entry: MachineListEntry, keyHash: KeyHash }),
    status: 201,
    answer: MachineListHead,
    isPublic: true,
    summary: "Joins with an invitation.",
  },
  auditLog: {
    method: "GET",
    path: "/log",
    query: z.strictObject({ limit: Limit, cursor: z.string().max(200).optional() }),
    body: null,
    status: 200,
    answer: z.looseObject({ entries: z.array(AuditEntry), cursor: z.string().optional() }),
    summary: "The audit log.",
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof ROUTES;
