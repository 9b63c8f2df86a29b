import { isSameName } from "./address.ts";
import { MAX_OPEN_INVITES, MAX_SKEW_MS, type MachineKeys, RosterBody, type RosterEntry } from "./roster.ts";
import { whyNoRoom, withSpent } from "./roster-budget.ts";

/**
 * What the rules need of cryptography: `strict-crypto.ts`, which is passed in because a start must not load it. Synchronous,
 * so that the bridge checks an entry and stores it in one turn.
 */
export interface RosterCrypto {
  /** In lower-case hexadecimal. */
  sha256(text: string): string;
  /** @param key - an Ed25519 public key, base64url @param signature - base64url */
  isSignedBy(key: string, text: string, signature: string): boolean;
  /** Whether a private key can belong to an Ed25519 public key. @param key - base64url */
  isUsableSignKey(key: string): boolean;
  /** Whether age can encrypt to it. @param recipient - `age1…` */
  isUsableRecipient(recipient: string): boolean;
}

/** A machine that joined. */
export interface RosterMachine extends MachineKeys {
  readonly fingerprint: string;
  /** Names it had before; neither these nor its present one are ever given to another machine, also when it is taken out. */
  readonly formerNames: readonly string[];
  readonly isOwner: boolean;
  /** As the machine that signed it says. */
  readonly joinedAt: string;
  /** Fingerprint; null for the first. */
  readonly invitedBy: string | null;
  readonly revokedAt: string | null;
  /** What it, and the machines that it let in, have spent of its budget. */
  readonly spent: number;
}

export interface RosterInvite {
  readonly id: string;
  readonly key: string;
  readonly by: string;
  readonly isForOwner: boolean;
  readonly expiresAt: string;
  readonly isUsed: boolean;
}

/** What the entries so far come to. */
export interface Roster {
  /** SHA-256 of each body; the last is the head. */
  readonly hashes: readonly string[];
  /** The latest time that an entry names; null without entries. */
  readonly lastAt: string | null;
  /** In the order in which they joined, the revoked ones too. */
  readonly machines: readonly RosterMachine[];
  readonly invites: readonly RosterInvite[];
  /** The shared key is not taken any more. */
  readonly isLocked: boolean;
}

export const EMPTY_ROSTER: Roster = { hashes: [], lastAt: null, machines: [], invites: [], isLocked: false };

/** An entry that does not belong where it stands. The message is a sentence for a person, without what the entry says. */
export class BrokenRoster extends Error {
  override readonly name = "BrokenRoster";
  /** Another entry was faster: it was made for another head, or the name is taken meanwhile. */
  readonly isConflict: boolean;

  constructor(message: string, isConflict = false) {
    super(message);
    this.isConflict = isConflict;
  }
}

/** What is signed. */
export function signedText(body: string): string {
  return `photon roster 1\n${body}`;
}

export function fingerprintText({ signKey, sealKey }: Pick<MachineKeys, "signKey" | "sealKey">): string {
  return `photon machine 1\n${signKey}\n${sealKey}`;
}

/** The machine of that name now; a revoked one has none. */
export function machineNamed(roster: Roster, name: string): RosterMachine | undefined {
  return roster.machines.find((machine) => machine.revokedAt === null && isSameName(machine.name, name));
}

/** Whether a machine is in the list and was not taken out. */
export function isActive({ machines }: Roster, fingerprint: string): boolean {
  return machines.some((machine) => machine.fingerprint === fingerprint && machine.revokedAt === null);
}

/** Every name that a machine has or had, in lower case, also of those that were taken out: nobody else gets them. */
export function reservedNames({ machines }: Roster): Set<string> {
  return new Set(machines.flatMap(({ name, formerNames }) => [name, ...formerNames].map((each) => each.toLowerCase())));
}

/**
 * The roster with one more entry. Whoever follows it from the first entry on knows that each machine was invited by one
 * that was in it, whatever the bridge wanted.
 *
 * @throws BrokenRoster
 */
export function followRoster(roster: Roster, entry: RosterEntry, crypto: RosterCrypto): Roster {
  const body = bodyOf(entry);
  if (body.prev !== (roster.hashes.at(-1) ?? null)) throw new BrokenRoster("The entry follows another one.", true);
  if (body.type === "invite" || body.type === "join") requireOrder(roster, body.at);
  const signer = body.type === "found" || body.type === "join" ? body.machine : memberOf(roster, body.by);
  const isOwnFingerprint = !("signKey" in signer) || crypto.sha256(fingerprintText(signer)) === body.by;
  if (!isOwnFingerprint) throw new BrokenRoster("The fingerprint is of other keys.");
  const text = signedText(entry.body);
  if (!crypto.isSignedBy(signer.signKey, text, entry.signature)) {
    throw new BrokenRoster("The signature is not the one of the machine it names.");
  }
  const inviteKey = body.type === "invite" ? body.key : body.type === "join" ? openInvite(roster, body).key : null;
  if ((inviteKey === null) !== (entry.inviteSignature === undefined)) {
    throw new BrokenRoster("An invitation's signature is missing, or there where none belongs.");
  }
  if (inviteKey !== null && !crypto.isSignedBy(inviteKey, text, entry.inviteSignature ?? "")) {
    throw new BrokenRoster("The signature is not the one of the invitation.");
  }
  requireUsable(body, crypto);
  const spender = spenderOf(roster, body);
  const noRoom = whyNoRoom(roster, body.type, spender);
  if (noRoom !== null) throw new BrokenRoster(noRoom);
  const changed = withSpent(changedBy(roster, body), body.type, spender);
  const lastAt = roster.lastAt !== null && roster.lastAt > body.at ? roster.lastAt : body.at;
  return { ...changed, hashes: [...roster.hashes, crypto.sha256(entry.body)], lastAt };
}

/**
 * Both times were near the bridge's when it took the entries, so an earlier one is not the time of its entry: somebody
 * would use an old invitation. Nothing else depends on its time: an entry that was dated too late, by a bridge whose clock
 * was wrong, must not keep an owner from revoking a machine or locking.
 */
function requireOrder({ lastAt }: Roster, at: string): void {
  if (lastAt === null || Date.parse(at) >= Date.parse(lastAt) - 2 * MAX_SKEW_MS) return;
  throw new BrokenRoster("The entry is older than one before it.");
}

/** One key that cannot be used would keep every machine from sending, or from following the list. */
function requireUsable(body: RosterBody, crypto: RosterCrypto): void {
  if (body.type === "invite" && !crypto.isUsableSignKey(body.key)) {
    throw new BrokenRoster("The key of the invitation cannot be used.");
  }
  if (body.type !== "found" && body.type !== "join") return;
  const { signKey, sealKey } = body.machine;
  if (crypto.isUsableSignKey(signKey) && crypto.isUsableRecipient(sealKey)) return;
  throw new BrokenRoster("The keys of the machine cannot be used.");
}

/** Whose budget an entry counts for. */
function spenderOf(roster: Roster, body: RosterBody): RosterMachine | undefined {
  if (body.type === "found") return undefined;
  return memberOf(roster, body.type === "join" ? openInvite(roster, body).by : body.by);
}

/** @throws BrokenRoster */
export function bodyOf({ body }: RosterEntry): RosterBody {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new BrokenRoster("An entry is not valid JSON.");
  }
  const parsed = RosterBody.safeParse(json);
  if (!parsed.success) throw new BrokenRoster("An entry is of a kind that is not known here.");
  return parsed.data;
}

function changedBy(roster: Roster, body: RosterBody): Roster {
  switch (body.type) {
    case "found":
      if (roster.hashes.length > 0) throw new BrokenRoster("There is a first machine already.");
      return withMachine(roster, body.machine, { body, isOwner: true, invitedBy: null });
    case "invite":
      return withInvite(roster, body);
    case "join": {
      const { id, by, isForOwner } = openInvite(roster, body);
      const invites = roster.invites.map((each) => (each.id === id ? { ...each, isUsed: true } : each));
      return withMachine({ ...roster, invites }, body.machine, { body, isOwner: isForOwner, invitedBy: by });
    }
    case "rename": {
      const { name, formerNames } = memberOf(roster, body.by);
      requireFree(roster, body.name, body.by);
      return changeMachine(roster, body.by, { name: body.name, formerNames: [...formerNames, name] });
    }
    case "revoke":
      if (body.machine !== body.by) requireOwner(roster, body.by, "take a machine out");
      requireAnotherOwner(roster, body.machine);
      return changeMachine(roster, memberOf(roster, body.machine).fingerprint, { revokedAt: body.at });
    case "owner":
      requireOwner(roster, body.by, "make another machine an owner");
      if (memberOf(roster, body.machine).isOwner) throw new BrokenRoster("The machine is an owner already.");
      return changeMachine(roster, memberOf(roster, body.machine).fingerprint, { isOwner: true });
    case "lock":
      requireOwner(roster, body.by, "switch the shared key off");
      if (roster.isLocked) throw new BrokenRoster("The shared key is off already.");
      return { ...roster, isLocked: true };
  }
}

type Joining = Extract<RosterBody, { type: "found" | "join" }>;

function withMachine(
  roster: Roster,
  keys: MachineKeys,
  { body, isOwner, invitedBy }: { body: Joining; isOwner: boolean; invitedBy: string | null },
): Roster {
  if (roster.machines.some(({ fingerprint }) => fingerprint === body.by)) {
    throw new BrokenRoster("These keys were in the roster before.");
  }
  requireFree(roster, keys.name, body.by);
  const times = { joinedAt: body.at, revokedAt: null };
  const machine = { ...keys, fingerprint: body.by, formerNames: [], isOwner, invitedBy, ...times, spent: 0 };
  return { ...roster, machines: [...roster.machines, machine] };
}

function withInvite(roster: Roster, body: Extract<RosterBody, { type: "invite" }>): Roster {
  const { invite: id, key, by, owner, expiresAt, at } = body;
  if (owner) requireOwner(roster, by, "invite an owner");
  if (roster.invites.some((each) => each.id === id)) throw new BrokenRoster("The invitation is there already.");
  const open = roster.invites.filter((each) => each.by === by && !each.isUsed && each.expiresAt > at);
  if (open.length >= MAX_OPEN_INVITES) {
    throw new BrokenRoster(`This machine has ${MAX_OPEN_INVITES} open invitations already.`);
  }
  return { ...roster, invites: [...roster.invites, { id, key, by, isForOwner: owner, expiresAt, isUsed: false }] };
}

/** The one that a machine joins by. Whether it has expired is for the bridge to say, which has the clock. */
function openInvite(roster: Roster, { invite, at }: Extract<RosterBody, { type: "join" }>): RosterInvite {
  const found = roster.invites.find(({ id }) => id === invite);
  if (!found) throw new BrokenRoster("There is no such invitation.");
  if (found.isUsed) throw new BrokenRoster("The invitation was used.");
  if (at > found.expiresAt) throw new BrokenRoster("The invitation has expired.");
  if (!isActive(roster, found.by)) throw new BrokenRoster("The machine that made the invitation was taken out.");
  return found;
}

function memberOf(roster: Roster, fingerprint: string): RosterMachine {
  const machine = roster.machines.find((each) => each.fingerprint === fingerprint);
  if (!machine) throw new BrokenRoster("The machine is not in the roster.");
  if (machine.revokedAt !== null) throw new BrokenRoster("The machine was taken out of the roster.");
  return machine;
}

function requireOwner(roster: Roster, fingerprint: string, what: string): void {
  if (!memberOf(roster, fingerprint).isOwner) throw new BrokenRoster(`Only an owner may ${what}.`);
}

/** Without an owner nobody could ever take a machine out again. */
function requireAnotherOwner({ machines }: Roster, fingerprint: string): void {
  const owners = machines.filter(({ isOwner, revokedAt }) => isOwner && revokedAt === null);
  if (owners.length !== 1 || owners[0]?.fingerprint !== fingerprint) return;
  throw new BrokenRoster("The machine is the last owner: make another machine an owner first.");
}

/**
 * A name, and each that a machine had before, is that machine's for ever: who writes to it by habit must not reach another
 * one after it was taken out.
 */
function requireFree(roster: Roster, name: string, fingerprint: string): void {
  const others = roster.machines.filter((machine) => machine.fingerprint !== fingerprint);
  if (!reservedNames({ ...roster, machines: others }).has(name.toLowerCase())) return;
  throw new BrokenRoster("Another machine has this name, or had it: choose another one.", true);
}

function changeMachine(roster: Roster, fingerprint: string, change: Partial<RosterMachine>): Roster {
  const machines = roster.machines.map((each) => (each.fingerprint === fingerprint ? { ...each, ...change } : each));
  return { ...roster, machines };
}
