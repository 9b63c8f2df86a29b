import * as z from "zod";
import { MachineName } from "./message.ts";

/** How long an invitation can be used: 10 minutes. */
export const INVITE_SECONDS = 10 * 60;

/** After this many joins with a wrong signature, the invitation they name is void. */
export const MAX_WRONG_TRIES = 5;

/** Most open invitations per machine. */
export const MAX_OPEN_INVITES = 10;

/**
 * Most entries in a machine list. Revoking a machine, making an owner and locking are always allowed beyond it; there can be
 * no more of these than machines.
 */
export const MAX_MACHINE_LIST_ENTRIES = 5_000;

/** From this many entries on, only owners may add more. */
export const MAX_MEMBERS_ENTRIES = 4_000;

/**
 * What a machine that is not an owner may add in its lifetime, together with the machines it lets in: a rename costs one, an
 * invitation two (the second is for the join).
 */
export const MEMBER_BUDGET = 100;

/** Largest difference between an entry's time and the bridge's clock: 10 minutes. */
export const MAX_SKEW_MS = 10 * 60_000;

/** SHA-256 in lower-case hexadecimal. */
const Hash = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hexadecimal");

/** Identifies a machine by its public keys: SHA-256 of `photon machine 1`, the signing and the encryption key, one per line. */
export const Fingerprint = Hash;

/** 16 random bytes in hexadecimal. */
export const InviteId = z.string().regex(/^[0-9a-f]{32}$/, "must be the id of an invitation");

/** An Ed25519 public key, 32 bytes in base64url without padding; the last character has no unused bits. */
const SignKey = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, "must be an Ed25519 public key in base64url");

/** An age recipient (X25519). The rules of the machine list check its checksum and its point. */
const SealKey = z.string().regex(/^age1[02-9ac-hj-np-z]{58}$/, "must be an age recipient");

/** An Ed25519 signature, 64 bytes in base64url without padding; the last character has no unused bits. */
const Signature = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, "must be an Ed25519 signature in base64url");

/** Always with milliseconds, so that times compare as strings. */
const Time = z.iso.datetime({ precision: 3 });

/** The key in a machine's requests: `photon_` and 32 random bytes in base64url. The bridge stores only its SHA-256. */
export const MACHINE_KEY = /^photon_[A-Za-z0-9_-]{43}$/;

/** The SHA-256 of a machine's key. */
export const KeyHash = Hash;

/** A machine's name and public keys. */
export const MachineKeys = z.strictObject({ name: MachineName, signKey: SignKey, sealKey: SealKey });
export type MachineKeys = z.infer<typeof MachineKeys>;

const common = {
  v: z.literal(1),
  /** SHA-256 of the previous entry's body; null in the first entry. */
  prev: Hash.nullable(),
  /** By the bridge's clock, which the machine reads before it signs. */
  at: Time,
  /** The machine that signs the entry. */
  by: Fingerprint,
};

/** The content of an entry. A {@link MachineListEntry} carries it as JSON text. */
export const MachineListBody = z.discriminatedUnion("type", [
  /** The first machine; an owner. */
  z.strictObject({ ...common, type: z.literal("found"), machine: MachineKeys }),
  /** A machine that has the private half of `key` may join once. */
  z.strictObject({
    ...common,
    type: z.literal("invite"),
    invite: InviteId,
    key: SignKey,
    expiresAt: Time,
    owner: z.boolean(),
  }),
  z.strictObject({ ...common, type: z.literal("join"), invite: InviteId, machine: MachineKeys }),
  /** The signing machine changes its name. */
  z.strictObject({ ...common, type: z.literal("rename"), name: MachineName }),
  z.strictObject({ ...common, type: z.literal("revoke"), machine: Fingerprint }),
  z.strictObject({ ...common, type: z.literal("owner"), machine: Fingerprint }),
  /** Switches the shared key off. */
  z.strictObject({ ...common, type: z.literal("lock") }),
]);
export type MachineListBody = z.infer<typeof MachineListBody>;

/** A signed entry. The signatures cover `photon roster 1`, a line feed and `body` byte for byte. */
export const MachineListEntry = z.strictObject({
  body: z.string().max(2_000),
  /** By the machine in `by`. */
  signature: Signature,
  /** By the invitation's key. Only `invite` and `join` have it. */
  inviteSignature: Signature.optional(),
});
export type MachineListEntry = z.infer<typeof MachineListEntry>;

/** When the bridge last heard from a machine, and its version then. */
export const SeenCredential = z.looseObject({
  fingerprint: Fingerprint,
  seenAt: z.iso.datetime(),
  version: z.string().optional(),
});
export type SeenCredential = z.infer<typeof SeenCredential>;

/** The events in the audit log, which never holds a message, a key or a secret. */
export const AUDITED = [
  "founded",
  "invited",
  "joined",
  "renamed",
  "revoked",
  "made_owner",
  "locked",
  "wrong_invite",
  "invites_burned",
  "failed_key",
  "cleared",
] as const;

export const AuditEntry = z.looseObject({
  at: z.iso.datetime(),
  /** A client shows an event that it does not know as it is. */
  what: z.string(),
  /** The name of the machine that did it, or `shared key`; missing if unknown. */
  by: z.string().optional(),
  /** What it was done to, such as a machine. */
  about: z.string().optional(),
  /** The IP address of the request. */
  address: z.string().optional(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** A machine that joined. */
export interface ListedMachine extends MachineKeys {
  readonly fingerprint: string;
  /** Names it had before. No other machine ever gets these or its current name, even after it is revoked. */
  readonly formerNames: readonly string[];
  readonly isOwner: boolean;
  /** The time in the signed entry. */
  readonly joinedAt: string;
  /** The inviter's fingerprint; null for the first machine. */
  readonly invitedBy: string | null;
  readonly revokedAt: string | null;
  /** Whether it revoked itself, as `photon leave` does. */
  readonly hasLeft?: boolean | undefined;
  /** How much of its budget this machine and those it let in have spent. */
  readonly spent: number;
}

export interface ListedInvitation {
  readonly id: string;
  readonly key: string;
  readonly by: string;
  readonly isForOwner: boolean;
  readonly expiresAt: string;
  readonly isUsed: boolean;
}

/** The state after following the entries so far. */
export interface MachineList {
  /** SHA-256 of each entry's body; the last one is the head. */
  readonly hashes: readonly string[];
  /** The latest time in any entry. A much earlier invitation or joining is refused. */
  readonly lastAt: string | null;
  /** In the order in which they joined, including revoked machines. */
  readonly machines: readonly ListedMachine[];
  readonly invites: readonly ListedInvitation[];
  /** Whether the shared key is switched off. */
  readonly isLocked: boolean;
}

export const EMPTY_MACHINE_LIST: MachineList = { hashes: [], lastAt: null, machines: [], invites: [], isLocked: false };
