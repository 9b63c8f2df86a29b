import * as z from "zod";
import { MachineName } from "./message.ts";

/** An invitation can be used for so long: 10 minutes. */
export const INVITE_SECONDS = 10 * 60;

/** Joinings with a wrong signature after which the invitation they name is void. */
export const MAX_WRONG_TRIES = 5;

/** Invitations of one machine that may be open at once. */
export const MAX_OPEN_INVITES = 10;

/**
 * Entries of one bridge's machine list, without those that always fit: taking a machine out, making an owner, locking. There
 * can be no more of these than machines.
 */
export const MAX_MACHINE_LIST_ENTRIES = 5_000;

/** The last of them are for owners: with so many, machines that are no owners add nothing more. */
export const MAX_MEMBERS_ENTRIES = 4_000;

/**
 * What a machine that is no owner may add in all its life, together with the machines it lets in itself: a new name counts
 * one, an invitation two (the joining is the second).
 */
export const MEMBER_BUDGET = 100;

/** How far the time that an entry names may be from the bridge's: 10 minutes. */
export const MAX_SKEW_MS = 10 * 60_000;

/** SHA-256 in lower-case hexadecimal. */
const Hash = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hexadecimal");

/** Names a machine by its two public keys: SHA-256 of `photon machine 1`, the signing and the encryption key, one per line. */
export const Fingerprint = Hash;

/** 16 random bytes in hexadecimal. */
export const InviteId = z.string().regex(/^[0-9a-f]{32}$/, "must be the id of an invitation");

/** An Ed25519 public key, 32 bytes in base64url without padding; the last character has no unused bits. */
const SignKey = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, "must be an Ed25519 public key in base64url");

/** An age recipient (X25519). Whether its checksum and its point are right is a rule of the machine list. */
const SealKey = z.string().regex(/^age1[02-9ac-hj-np-z]{58}$/, "must be an age recipient");

/** An Ed25519 signature, 64 bytes in base64url without padding; the last character has no unused bits. */
const Signature = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, "must be an Ed25519 signature in base64url");

/** With three digits of a second, so that times compare as texts. */
const Time = z.iso.datetime({ precision: 3 });

/** What a machine's requests carry: this, and 32 random bytes in base64url. The bridge keeps its SHA-256 alone. */
export const MACHINE_KEY = /^photon_[A-Za-z0-9_-]{43}$/;

/** The SHA-256 of a machine's key, which the bridge compares with. */
export const KeyHash = Hash;

/** What others have to know of a machine. */
export const MachineKeys = z.strictObject({ name: MachineName, signKey: SignKey, sealKey: SealKey });
export type MachineKeys = z.infer<typeof MachineKeys>;

const common = {
  v: z.literal(1),
  /** SHA-256 of the body before; null in the first. */
  prev: Hash.nullable(),
  /** By the bridge's clock, which a machine asks before it signs. */
  at: Time,
  /** Who signs it. */
  by: Fingerprint,
};

/** What an entry of the machine list says, as JSON in {@link MachineListEntry}. */
export const MachineListBody = z.discriminatedUnion("type", [
  /** The first machine; an owner. */
  z.strictObject({ ...common, type: z.literal("found"), machine: MachineKeys }),
  /** Whoever has the private half of `key` may join once, as an owner or not. */
  z.strictObject({
    ...common,
    type: z.literal("invite"),
    invite: InviteId,
    key: SignKey,
    expiresAt: Time,
    owner: z.boolean(),
  }),
  z.strictObject({ ...common, type: z.literal("join"), invite: InviteId, machine: MachineKeys }),
  /** The machine that signs has another name from now on. */
  z.strictObject({ ...common, type: z.literal("rename"), name: MachineName }),
  z.strictObject({ ...common, type: z.literal("revoke"), machine: Fingerprint }),
  z.strictObject({ ...common, type: z.literal("owner"), machine: Fingerprint }),
  /** The shared key is not taken any more. */
  z.strictObject({ ...common, type: z.literal("lock") }),
]);
export type MachineListBody = z.infer<typeof MachineListBody>;

/**
 * One entry, signed. The signatures are over `photon roster 1`, a line feed and `body` as it stands here.
 */
export const MachineListEntry = z.strictObject({
  body: z.string().max(2_000),
  /** By the machine in `by`. */
  signature: Signature,
  /** By the invitation's key; an invitation and a joining have it. */
  inviteSignature: Signature.optional(),
});
export type MachineListEntry = z.infer<typeof MachineListEntry>;

/** When the bridge last heard of a machine, and what version it had then. */
export const SeenCredential = z.looseObject({
  fingerprint: Fingerprint,
  seenAt: z.iso.datetime(),
  version: z.string().optional(),
});
export type SeenCredential = z.infer<typeof SeenCredential>;

/** What the audit list says; never a message, a key or a secret. */
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
  /** One that is not known yet is shown as it is. */
  what: z.string(),
  /** The name of the machine that did it, `shared key`, or nobody known. */
  by: z.string().optional(),
  /** The machine or invitation that it was done to. */
  about: z.string().optional(),
  /** Where the request came from. */
  address: z.string().optional(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
