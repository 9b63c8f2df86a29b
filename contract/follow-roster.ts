import { isSameName } from "./address.ts";
import { MAX_OPEN_INVITES, MAX_ROSTER_ENTRIES, type MachineKeys, RosterBody, type RosterEntry } from "./roster.ts";

/**
 * What the rules need of cryptography; the Worker and a machine have it from different places. Synchronous, so that the
 * bridge checks an entry and stores it in one turn.
 */
export interface RosterCrypto {
  /** In lower-case hexadecimal. */
  sha256(text: string): string;
  /** @param key - an Ed25519 public key, base64url @param signature - base64url */
  isSignedBy(key: string, text: string, signature: string): boolean;
}

/** A machine that joined. */
export interface RosterMachine extends MachineKeys {
  readonly fingerprint: string;
  /** Names it had before; they are not given to another machine. */
  readonly formerNames: readonly string[];
  readonly isOwner: boolean;
  /** As the machine that signed it says. */
  readonly joinedAt: string;
  /** Fingerprint; null for the first. */
  readonly invitedBy: string | null;
  readonly revokedAt: string | null;
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
  /** In the order in which they joined, the revoked ones too. */
  readonly machines: readonly RosterMachine[];
  readonly invites: readonly RosterInvite[];
  /** The shared key is not taken any more. */
  readonly isLocked: boolean;
}

export const EMPTY_ROSTER: Roster = { hashes: [], machines: [], invites: [], isLocked: false };

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

/**
 * The roster with one more entry. Whoever follows it from the first entry on knows that each machine was invited by one
 * that was in it, whatever the bridge wanted.
 *
 * @throws BrokenRoster
 */
export function followRoster(roster: Roster, entry: RosterEntry, crypto: RosterCrypto): Roster {
  if (roster.hashes.length >= MAX_ROSTER_ENTRIES) throw new BrokenRoster("The roster is full.");
  const body = bodyOf(entry);
  if (body.prev !== (roster.hashes.at(-1) ?? null)) throw new BrokenRoster("The entry follows another one.", true);
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
  const changed = changedBy(roster, body);
  return { ...changed, hashes: [...roster.hashes, crypto.sha256(entry.body)] };
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
      return changeMachine(roster, memberOf(roster, body.machine).fingerprint, { revokedAt: body.at });
    case "owner":
      requireOwner(roster, body.by, "make another machine an owner");
      return changeMachine(roster, memberOf(roster, body.machine).fingerprint, { isOwner: true });
    case "lock":
      requireOwner(roster, body.by, "switch the shared key off");
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
  const machine = { ...keys, fingerprint: body.by, formerNames: [], isOwner, invitedBy, ...times };
  return { ...roster, machines: [...roster.machines, machine] };
}

function withInvite(roster: Roster, body: Extract<RosterBody, { type: "invite" }>): Roster {
  const { invite: id, key, by, owner, expiresAt, at } = body;
  if (owner) requireOwner(roster, by, "invite an owner");
  if (roster.invites.some((each) => each.id === id)) throw new BrokenRoster("The invitation is there already.");
  const open = roster.invites.filter((each) => !each.isUsed && each.expiresAt > at);
  if (open.length >= MAX_OPEN_INVITES) throw new BrokenRoster(`${MAX_OPEN_INVITES} invitations are open already.`);
  return { ...roster, invites: [...roster.invites, { id, key, by, isForOwner: owner, expiresAt, isUsed: false }] };
}

/** The one that a machine joins by. Whether its time is over is for the bridge to say, which has the clock. */
function openInvite({ invites }: Roster, { invite, at }: Extract<RosterBody, { type: "join" }>): RosterInvite {
  const found = invites.find(({ id }) => id === invite);
  if (!found) throw new BrokenRoster("There is no such invitation.");
  if (found.isUsed) throw new BrokenRoster("The invitation was used.");
  if (at > found.expiresAt) throw new BrokenRoster("The invitation is over.");
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

/** A name, and each it had before, belongs to one machine until that is revoked. */
function requireFree(roster: Roster, name: string, fingerprint: string): void {
  const isTaken = roster.machines.some(
    (machine) =>
      machine.revokedAt === null &&
      machine.fingerprint !== fingerprint &&
      [machine.name, ...machine.formerNames].some((each) => isSameName(each, name)),
  );
  if (isTaken) throw new BrokenRoster("A machine of that name has joined already.", true);
}

function changeMachine(roster: Roster, fingerprint: string, change: Partial<RosterMachine>): Roster {
  const machines = roster.machines.map((each) => (each.fingerprint === fingerprint ? { ...each, ...change } : each));
  return { ...roster, machines };
}
