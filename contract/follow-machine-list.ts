import { isSameName } from "./address.ts";
import {
  MAX_OPEN_INVITES,
  MAX_SKEW_MS,
  type MachineKeys,
  MachineListBody,
  type MachineListEntry,
} from "./machine-list.ts";
import { whyNoRoom, withSpent } from "./machine-list-budget.ts";

/**
 * What the rules need of cryptography: `strict-crypto.ts`, which is passed in because a start must not load it. Synchronous,
 * so that the bridge checks an entry and stores it in one turn.
 */
export interface MachineListCrypto {
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
export interface ListedMachine extends MachineKeys {
  readonly fingerprint: string;
  /** Names it had before; neither these nor its present one are ever given to another machine, also when it is revoked. */
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

export interface ListedInvitation {
  readonly id: string;
  readonly key: string;
  readonly by: string;
  readonly isForOwner: boolean;
  readonly expiresAt: string;
  readonly isUsed: boolean;
}

/** What the entries so far come to. */
export interface MachineList {
  /** SHA-256 of each body; the last is the head. */
  readonly hashes: readonly string[];
  /** The latest time that an entry names; null without entries. */
  readonly lastAt: string | null;
  /** In the order in which they joined, the revoked ones too. */
  readonly machines: readonly ListedMachine[];
  readonly invites: readonly ListedInvitation[];
  /** The shared key is not taken any more. */
  readonly isLocked: boolean;
}

export const EMPTY_MACHINE_LIST: MachineList = { hashes: [], lastAt: null, machines: [], invites: [], isLocked: false };

/** An entry that does not belong where it stands. The message is a sentence for a person, without what the entry says. */
export class BrokenMachineList extends Error {
  override readonly name = "BrokenMachineList";
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
export function machineNamed(machineList: MachineList, name: string): ListedMachine | undefined {
  return machineList.machines.find((machine) => machine.revokedAt === null && isSameName(machine.name, name));
}

/** Whether a machine is in the list and was not revoked. */
export function isActive({ machines }: MachineList, fingerprint: string): boolean {
  return machines.some((machine) => machine.fingerprint === fingerprint && machine.revokedAt === null);
}

/** Every name that a machine has or had, in lower case, also of those that were revoked: nobody else gets them. */
export function reservedNames({ machines }: MachineList): Set<string> {
  return new Set(machines.flatMap(({ name, formerNames }) => [name, ...formerNames].map((each) => each.toLowerCase())));
}

/**
 * The machine list with one more entry. Whoever follows it from the first entry on knows that each machine was invited by one
 * that was in it, whatever the bridge wanted.
 *
 * @throws BrokenMachineList
 */
export function followMachineList(
  machineList: MachineList,
  entry: MachineListEntry,
  crypto: MachineListCrypto,
): MachineList {
  const body = bodyOf(entry);
  if (body.prev !== (machineList.hashes.at(-1) ?? null))
    throw new BrokenMachineList("The entry follows another one.", true);
  if (body.type === "invite" || body.type === "join") requireOrder(machineList, body.at);
  const signer = body.type === "found" || body.type === "join" ? body.machine : memberOf(machineList, body.by);
  const isOwnFingerprint = !("signKey" in signer) || crypto.sha256(fingerprintText(signer)) === body.by;
  if (!isOwnFingerprint) throw new BrokenMachineList("The fingerprint is of other keys.");
  const text = signedText(entry.body);
  if (!crypto.isSignedBy(signer.signKey, text, entry.signature)) {
    throw new BrokenMachineList("The signature is not the one of the machine it names.");
  }
  const inviteKey = body.type === "invite" ? body.key : body.type === "join" ? openInvite(machineList, body).key : null;
  if ((inviteKey === null) !== (entry.inviteSignature === undefined)) {
    throw new BrokenMachineList("An invitation's signature is missing, or there where none belongs.");
  }
  if (inviteKey !== null && !crypto.isSignedBy(inviteKey, text, entry.inviteSignature ?? "")) {
    throw new BrokenMachineList("The signature is not the one of the invitation.");
  }
  requireUsable(body, crypto);
  const spender = spenderOf(machineList, body);
  const noRoom = whyNoRoom(machineList, body.type, spender);
  if (noRoom !== null) throw new BrokenMachineList(noRoom);
  const changed = withSpent(changedBy(machineList, body), body.type, spender);
  const lastAt = machineList.lastAt !== null && machineList.lastAt > body.at ? machineList.lastAt : body.at;
  return { ...changed, hashes: [...machineList.hashes, crypto.sha256(entry.body)], lastAt };
}

/**
 * Both times were near the bridge's when it took the entries, so an earlier one is not the time of its entry: somebody
 * would use an old invitation. Nothing else depends on its time: an entry that was dated too late, by a bridge whose clock
 * was wrong, must not keep an owner from revoking a machine or locking.
 */
function requireOrder({ lastAt }: MachineList, at: string): void {
  if (lastAt === null || Date.parse(at) >= Date.parse(lastAt) - 2 * MAX_SKEW_MS) return;
  throw new BrokenMachineList("The entry is older than one before it.");
}

/** One key that cannot be used would keep every machine from sending, or from following the list. */
function requireUsable(body: MachineListBody, crypto: MachineListCrypto): void {
  if (body.type === "invite" && !crypto.isUsableSignKey(body.key)) {
    throw new BrokenMachineList("The key of the invitation cannot be used.");
  }
  if (body.type !== "found" && body.type !== "join") return;
  const { signKey, sealKey } = body.machine;
  if (crypto.isUsableSignKey(signKey) && crypto.isUsableRecipient(sealKey)) return;
  throw new BrokenMachineList("The keys of the machine cannot be used.");
}

/** Whose budget an entry counts for. */
function spenderOf(machineList: MachineList, body: MachineListBody): ListedMachine | undefined {
  if (body.type === "found") return undefined;
  return memberOf(machineList, body.type === "join" ? openInvite(machineList, body).by : body.by);
}

/** @throws BrokenMachineList */
export function bodyOf({ body }: MachineListEntry): MachineListBody {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new BrokenMachineList("An entry is not valid JSON.");
  }
  const parsed = MachineListBody.safeParse(json);
  if (!parsed.success) throw new BrokenMachineList("An entry is of a kind that is not known here.");
  return parsed.data;
}

function changedBy(machineList: MachineList, body: MachineListBody): MachineList {
  switch (body.type) {
    case "found":
      if (machineList.hashes.length > 0) throw new BrokenMachineList("There is a first machine already.");
      return withMachine(machineList, body.machine, { body, isOwner: true, invitedBy: null });
    case "invite":
      return withInvite(machineList, body);
    case "join": {
      const { id, by, isForOwner } = openInvite(machineList, body);
      const invites = machineList.invites.map((each) => (each.id === id ? { ...each, isUsed: true } : each));
      return withMachine({ ...machineList, invites }, body.machine, { body, isOwner: isForOwner, invitedBy: by });
    }
    case "rename": {
      const { name, formerNames } = memberOf(machineList, body.by);
      requireFree(machineList, body.name, body.by);
      return changeMachine(machineList, body.by, { name: body.name, formerNames: [...formerNames, name] });
    }
    case "revoke":
      if (body.machine !== body.by) requireOwner(machineList, body.by, "revoke a machine");
      requireAnotherOwner(machineList, body.machine);
      return changeMachine(machineList, memberOf(machineList, body.machine).fingerprint, { revokedAt: body.at });
    case "owner":
      requireOwner(machineList, body.by, "make another machine an owner");
      if (memberOf(machineList, body.machine).isOwner) throw new BrokenMachineList("The machine is an owner already.");
      return changeMachine(machineList, memberOf(machineList, body.machine).fingerprint, { isOwner: true });
    case "lock":
      requireOwner(machineList, body.by, "switch the shared key off");
      if (machineList.isLocked) throw new BrokenMachineList("The shared key is off already.");
      return { ...machineList, isLocked: true };
  }
}

type Joining = Extract<MachineListBody, { type: "found" | "join" }>;

function withMachine(
  machineList: MachineList,
  keys: MachineKeys,
  { body, isOwner, invitedBy }: { body: Joining; isOwner: boolean; invitedBy: string | null },
): MachineList {
  if (machineList.machines.some(({ fingerprint }) => fingerprint === body.by)) {
    throw new BrokenMachineList("These keys were in the machine list before.");
  }
  requireFree(machineList, keys.name, body.by);
  const times = { joinedAt: body.at, revokedAt: null };
  const machine = { ...keys, fingerprint: body.by, formerNames: [], isOwner, invitedBy, ...times, spent: 0 };
  return { ...machineList, machines: [...machineList.machines, machine] };
}

function withInvite(machineList: MachineList, body: Extract<MachineListBody, { type: "invite" }>): MachineList {
  const { invite: id, key, by, owner, expiresAt, at } = body;
  if (owner) requireOwner(machineList, by, "invite an owner");
  if (machineList.invites.some((each) => each.id === id))
    throw new BrokenMachineList("The invitation is there already.");
  const open = machineList.invites.filter((each) => each.by === by && !each.isUsed && each.expiresAt > at);
  if (open.length >= MAX_OPEN_INVITES) {
    throw new BrokenMachineList(`This machine has ${MAX_OPEN_INVITES} open invitations already.`);
  }
  return {
    ...machineList,
    invites: [...machineList.invites, { id, key, by, isForOwner: owner, expiresAt, isUsed: false }],
  };
}

/** The one that a machine joins by. Whether it has expired is for the bridge to say, which has the clock. */
function openInvite(
  machineList: MachineList,
  { invite, at }: Extract<MachineListBody, { type: "join" }>,
): ListedInvitation {
  const found = machineList.invites.find(({ id }) => id === invite);
  if (!found) throw new BrokenMachineList("There is no such invitation.");
  if (found.isUsed) throw new BrokenMachineList("The invitation was used.");
  if (at > found.expiresAt) throw new BrokenMachineList("The invitation has expired.");
  if (!isActive(machineList, found.by))
    throw new BrokenMachineList("The machine that made the invitation was revoked.");
  return found;
}

function memberOf(machineList: MachineList, fingerprint: string): ListedMachine {
  const machine = machineList.machines.find((each) => each.fingerprint === fingerprint);
  if (!machine) throw new BrokenMachineList("The machine is not in the machine list.");
  if (machine.revokedAt !== null) throw new BrokenMachineList("The machine was revoked.");
  return machine;
}

function requireOwner(machineList: MachineList, fingerprint: string, what: string): void {
  if (!memberOf(machineList, fingerprint).isOwner) throw new BrokenMachineList(`Only an owner may ${what}.`);
}

/** Without an owner nobody could ever revoke a machine again. */
function requireAnotherOwner({ machines }: MachineList, fingerprint: string): void {
  const owners = machines.filter(({ isOwner, revokedAt }) => isOwner && revokedAt === null);
  if (owners.length !== 1 || owners[0]?.fingerprint !== fingerprint) return;
  throw new BrokenMachineList("The machine is the last owner: make another machine an owner first.");
}

/**
 * A name, and each that a machine had before, is that machine's for ever: who writes to it by habit must not reach another
 * one after it was revoked.
 */
function requireFree(machineList: MachineList, name: string, fingerprint: string): void {
  const others = machineList.machines.filter((machine) => machine.fingerprint !== fingerprint);
  if (!reservedNames({ ...machineList, machines: others }).has(name.toLowerCase())) return;
  throw new BrokenMachineList("Another machine has this name, or had it: choose another one.", true);
}

function changeMachine(machineList: MachineList, fingerprint: string, change: Partial<ListedMachine>): MachineList {
  const machines = machineList.machines.map((each) =>
    each.fingerprint === fingerprint ? { ...each, ...change } : each,
  );
  return { ...machineList, machines };
}
