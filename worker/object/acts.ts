import type { Address } from "../../contract/address.ts";
import { CAPSULE_AGE_SECONDS } from "../../contract/capsule.ts";
import { MAX_AGE_SECONDS, type MessageDraft, utf8Bytes } from "../../contract/message.ts";
import { forbidden, notFound, Refusal } from "../refusal.ts";
import type { Archive } from "./archive.ts";
import { accountOf, auditNameOf, type Caller } from "./caller.ts";
import { type BridgeCall, type Done, type ObjectRoute, parsedAddress } from "./calls.ts";
import type { Machines } from "./machines/machines.ts";
import type { Quota } from "./machines/quota.ts";
import type { Mail } from "./mail/mail.ts";
import type { Mark } from "./mail/writer.ts";
import { requireMachine, requireOwner, requireSelf, requireSenderOrOwner } from "./rights.ts";

/** What a call works with. One call is one transaction. */
export interface Turn {
  readonly caller: Caller;
  readonly mail: Mail;
  readonly machines: Machines;
  readonly quota: Quota;
  readonly archive: Archive;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The machines that have a live session, in lower case. */
  readonly online: () => ReadonlySet<string>;
  /** Closes the sockets of an account after the transaction. */
  readonly closeSockets: (account: string) => void;
}

/**
 * Checks the caller's rights and does the work of one route.
 *
 * @returns a refusal, instead of throwing it, if the writes so far must be kept
 * @throws Refusal if the call is refused; its writes are rolled back
 */
type Act<Name extends ObjectRoute> = (turn: Turn, call: BridgeCall<Name>) => Done<Name> | Refusal;

const sendMessage: Act<"sendMessage"> = ({ caller, mail, quota, now }, { body, installation }) => {
  requireSelf(caller, body.from);
  const repeated = mail.repeated(body);
  if (repeated !== null) return { answer: { ...repeated, status: "sent" }, status: 200 };
  quota.spendMessage(accountOf(caller), bytesOf(body), MAX_AGE_SECONDS, now);
  return { answer: { ...mail.add(body, { installation, hasOwnKey: caller.kind === "machine" }), status: "sent" } };
};

const listMessages: Act<"listMessages"> = ({ caller, mail }, { query }) => {
  const { reader, limit, cursor, ...filter } = query;
  requireSelf(caller, reader);
  return { answer: mail.list(readerOf(reader), filter, { limit, cursor }) };
};

const getMessage: Act<"getMessage"> = ({ caller, mail }, { id, query }) => {
  requireSelf(caller, query.reader);
  const message = mail.get(id, readerOf(query.reader));
  if (message === null) throw unknownMessage(id);
  return { answer: message };
};

const deleteMessage: Act<"deleteMessage"> = ({ caller, mail }, { id }) => {
  const mayDeleteAll = caller.kind === "machine" ? caller.isOwner : caller.joinedNames.length === 0;
  if (!mayDeleteAll) {
    const parties = mail.parties(id);
    if (parties === null) throw unknownMessage(id);
    requireSenderOrOwner(caller, parties.from);
  }
  mail.delete(id);
  return { answer: { id, status: "deleted" } };
};

const clearMessages: Act<"clearMessages"> = ({ caller, mail, machines, now }, { address }) => {
  requireOwner(caller, "clear the mailbox");
  const count = mail.clear();
  machines.log.add({ what: "cleared", by: auditNameOf(caller), address }, now);
  return { answer: { status: "cleared", count } };
};

const markRead: Act<"markRead"> = ({ caller, mail }, { id, query, installation }) => {
  requireSelf(caller, query.reader);
  const reader = query.reader ?? (caller.kind === "machine" ? caller.name : undefined);
  // Without a reader the message is marked for its recipient. If that has joined, only its own key may do so.
  if (reader === undefined) requireSelf(caller, mail.parties(id)?.to);
  if (mail.record(readerOf(reader), "read", [id], markingBy(caller, installation)) === 0) throw unknownMessage(id);
  return { answer: { id, status: "marked_read" } };
};

interface Marking {
  readonly body: {
    readonly reader: string;
    readonly ids: readonly string[];
    readonly shown?: readonly string[] | undefined;
  };
  readonly installation: string | undefined;
}

function record({ caller, mail }: Turn, what: Mark, { body, installation }: Marking) {
  const { reader, ids, shown = [] } = body;
  requireSelf(caller, reader);
  const marking = { ...markingBy(caller, installation), shown };
  return { answer: { marked: mail.record(parsedAddress(reader), what, ids, marking) } };
}

/** Once a machine has joined, the shared key marks only messages to the name that it gives. */
function markingBy(caller: Caller, installation: string | undefined) {
  const hasOwnKey = caller.kind === "machine";
  return { installation, hasOwnKey, isItsOwnOnly: !hasOwnKey && caller.joinedNames.length > 0 };
}

const unread: Act<"unread"> = ({ caller, mail }, { query, knownEtag }) => {
  requireSelf(caller, query.reader);
  const { etag, summary } = mail.unread(parsedAddress(query.reader), knownEtag);
  return summary === null ? { answer: null, status: 304, etag } : { answer: summary, etag };
};

const live: Act<"live"> = ({ caller }, { query }) => {
  requireSelf(caller, query.reader);
  return { answer: null };
};

const archive: Act<"archive"> = ({ caller, archive }) => {
  requireOwner(caller, "see the state of the archive");
  return { answer: { ...archive.status() } };
};

/** Counts the part before it is stored, because a write to KV cannot be rolled back. */
const putCapsule: Act<"putCapsule"> = ({ caller, quota, now }, { sha256, bytes }) => {
  quota.spendCapsulePart(accountOf(caller), sha256, bytes, CAPSULE_AGE_SECONDS, now);
  return { answer: null };
};

const extendMachineList: Act<"extendMachineList"> = ({ caller, mail, machines, closeSockets }, { body, address }) => {
  const extension = { entry: body.entry, keyHash: body.keyHash, address, mailSince: () => mail.nextTime };
  const { head, body: change } = machines.extend(extension, caller);
  if (change.type === "rename" && caller.kind === "machine") {
    requireUnused(change.name, caller, mail);
    mail.rename(caller.name, change.name);
  }
  if (change.type === "revoke") closeSockets(change.machine);
  // The shared key may no longer use a name that a machine has just got.
  if (["lock", "found", "rename"].includes(change.type)) closeSockets("shared");
  return { answer: { ...head } };
};

/**
 * Names are reserved permanently. With a rename, a member could therefore take the name of a machine that has not joined:
 * that machine could no longer send, and its mail would be encrypted for the member. Joining under such a name is allowed,
 * because somebody invited that machine.
 */
function requireUnused(name: string, caller: Caller, mail: Mail): void {
  const isOwn = caller.kind === "machine" && caller.names.includes(name.toLowerCase());
  if (isOwn || !mail.isUnjoined(name)) return;
  throw forbidden("A machine with the shared key uses this name. Choose another name, or let that machine join.");
}

const join: Act<"join"> = ({ mail, machines, closeSockets }, { invite, body, address }) => {
  const joined = machines.join({ ...body, invite, address, mailSince: () => mail.nextTime });
  if (joined instanceof Refusal) return joined;
  closeSockets("shared");
  return { answer: { ...joined } };
};

const auditLog: Act<"auditLog"> = ({ caller, machines }, { query }) => {
  requireMachine(caller);
  return { answer: machines.auditLog(query.limit, query.cursor) };
};

export const ACTS: { readonly [Name in ObjectRoute]: Act<Name> } = {
  sendMessage,
  listMessages,
  getMessage,
  deleteMessage,
  clearMessages,
  markRead,
  markShown: (turn, call) => record(turn, "shown", call),
  markManyRead: (turn, call) => record(turn, "read", call),
  markResumed: (turn, call) => record(turn, call.body.undone ? "undone" : "taken", call),
  unread,
  machines: ({ mail, machines, online }) => ({
    answer: { machines: mail.machines(machines.joined, machines.joinedNames, online()) },
  }),
  live,
  archive,
  putCapsule,
  getCapsule: () => ({ answer: null }), // knowing the hash is permission enough
  machineList: ({ machines }, { query }) => ({ answer: machines.entries(query.after) }),
  extendMachineList,
  invitation: ({ machines }, { invite }) => ({ answer: machines.invitation(invite) }),
  join,
  auditLog,
};

function bytesOf({ content, tags }: MessageDraft): number {
  return utf8Bytes(content) + utf8Bytes(tags.join(""));
}

function readerOf(text: string | undefined): Address | null {
  return text === undefined ? null : parsedAddress(text);
}

function unknownMessage(id: string): Refusal {
  return notFound(`There is no message ${id}.`);
}
