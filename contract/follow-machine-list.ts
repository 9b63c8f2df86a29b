import { isSameName } from "./address.ts";
import {
  type ListedInvitation,
  type ListedMachine,
  MAX_OPEN_INVITES,
  MAX_SKEW_MS,
  type MachineKeys,
  type MachineList,
  MachineListBody,
  type MachineListEntry,
} from "./machine-list.ts";
import { whyNoRoom, withSpent } from "./machine-list-budget.ts";
import { parseJson } from "./parse-json.ts";

/**
 * The cryptography that the rules need. `strict-crypto.ts` implements it; callers pass it in, so that importing the rules
 * does not load it. Synchronous, so that the bridge can check and store an entry in one transaction.
 */
export interface MachineListCrypto {
  /** @returns lower-case hexadecimal */
  sha256(text: string): string;
  /** @param key - an Ed25519 public key, base64url @param signature - base64url */
  isSignedBy(key: string, text: string, signature: string): boolean;
  /** Whether an Ed25519 public key can have a private key. @param key - base64url */
  isUsableSignKey(key: string): boolean;
  /** Whether age can encrypt to a recipient. @param recipient - `age1…` */
  isUsableRecipient(recipient: string): boolean;
}

/** An entry that may not follow the list. The message is a sentence for a person and quotes nothing from the entry. */
export class BrokenMachineList extends Error {
  override readonly name = "BrokenMachineList";
  /** Whether another machine was faster: the entry was made for an older head, or the name was taken in between. */
  readonly isConflict: boolean;

  constructor(message: string, isConflict = false) {
    super(message);
    this.isConflict = isConflict;
  }
}

/** The text that signatures of an entry cover. */
export function signedText(body: string): string {
  return `photon roster 1\n${body}`;
}

export function fingerprintText({ signKey, sealKey }: Pick<MachineKeys, "signKey" | "sealKey">): string {
  return `photon machine 1\n${signKey}\n${sealKey}`;
}

/** The machine that has this name now. Revoked machines are not found. */
export function machineNamed(machineList: MachineList, name: string): ListedMachine | undefined {
  return machineList.machines.find((machine) => machine.revokedAt === null && isSameName(machine.name, name));
}

/** Whether a machine is in the list and was not revoked. */
export function isActive({ machines }: MachineList, fingerprint: string): boolean {
  return machines.some((machine) => machine.fingerprint === fingerprint && machine.revokedAt === null);
}

/** A machine's names, each once: the current one, then those that it had before and does not have again. */
export function namesOf({ name, formerNames }: Pick<ListedMachine, "name" | "formerNames">): string[] {
  const names = [name, ...formerNames];
  return names.filter((each, index) => names.findIndex((other) => isSameName(each, other)) === index);
}

/** Every current and former name of every machine, revoked ones included, in lower case. Each is reserved for its machine. */
export function reservedNames({ machines }: MachineList): Set<string> {
  return new Set(machines.flatMap((machine) => namesOf(machine).map((each) => each.toLowerCase())));
}

/**
 * The machine list with one more entry. A client that follows the list from its first entry knows that every machine was
 * invited by one that was in the list; the bridge cannot add a machine.
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
    throw new BrokenMachineList("The entry does not follow the last one in the list.", true);
  if (body.type === "invite" || body.type === "join") requireOrder(machineList, body.at);
  const signer = body.type === "found" || body.type === "join" ? body.machine : memberOf(machineList, body.by);
  const isOwnFingerprint = !("signKey" in signer) || crypto.sha256(fingerprintText(signer)) === body.by;
  if (!isOwnFingerprint) throw new BrokenMachineList("The fingerprint does not match the keys.");
  const text = signedText(entry.body);
  if (!crypto.isSignedBy(signer.signKey, text, entry.signature)) {
    throw new BrokenMachineList("The entry is not signed by the machine that it names.");
  }
  const inviteKey = body.type === "invite" ? body.key : body.type === "join" ? openInvite(machineList, body).key : null;
  if ((inviteKey === null) !== (entry.inviteSignature === undefined)) {
    throw new BrokenMachineList("The invitation's signature is missing, or the entry must not have one.");
  }
  if (inviteKey !== null && !crypto.isSignedBy(inviteKey, text, entry.inviteSignature ?? "")) {
    throw new BrokenMachineList("The entry is not signed with the invitation's key.");
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
 * The bridge accepts an entry only if its time is near the bridge's clock, so a much earlier time is backdated, for example
 * to use an expired invitation. Only `invite` and `join` are checked: an entry that was dated too late, by a bridge whose
 * clock was wrong, must not keep an owner from revoking a machine or locking.
 */
function requireOrder({ lastAt }: MachineList, at: string): void {
  if (lastAt === null || Date.parse(at) >= Date.parse(lastAt) - 2 * MAX_SKEW_MS) return;
  throw new BrokenMachineList("The entry is older than an entry before it.");
}

/** One unusable key in the list would keep every machine from sending, or from following the list. */
function requireUsable(body: MachineListBody, crypto: MachineListCrypto): void {
  if (body.type === "invite" && !crypto.isUsableSignKey(body.key)) {
    throw new BrokenMachineList("The key of the invitation cannot be used.");
  }
  if (body.type !== "found" && body.type !== "join") return;
  const { signKey, sealKey } = body.machine;
  if (crypto.isUsableSignKey(signKey) && crypto.isUsableRecipient(sealKey)) return;
  throw new BrokenMachineList("The keys of the machine cannot be used.");
}

/** The machine whose budget pays for an entry; undefined for the first machine. */
function spenderOf(machineList: MachineList, body: MachineListBody): ListedMachine | undefined {
  if (body.type === "found") return undefined;
  return memberOf(machineList, body.type === "join" ? openInvite(machineList, body).by : body.by);
}

/** @throws BrokenMachineList */
export function bodyOf({ body }: MachineListEntry): MachineListBody {
  const json = parseJson(body);
  if (json === undefined) throw new BrokenMachineList("An entry is not valid JSON.");
  const parsed = MachineListBody.safeParse(json);
  if (!parsed.success) throw new BrokenMachineList("An entry has a type or field that this version does not know.");
  return parsed.data;
}

function changedBy(machineList: MachineList, body: MachineListBody): MachineList {
  switch (body.type) {
    case "found":
      if (machineList.hashes.length > 0) throw new BrokenMachineList("This bridge already has a first machine.");
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
      return changeMachine(machineList, memberOf(machineList, body.machine).fingerprint, {
        revokedAt: body.at,
        ...(body.machine === body.by && { hasLeft: true }),
      });
    case "owner":
      requireOwner(machineList, body.by, "make another machine an owner");
      if (memberOf(machineList, body.machine).isOwner) throw new BrokenMachineList("The machine is already an owner.");
      return changeMachine(machineList, memberOf(machineList, body.machine).fingerprint, { isOwner: true });
    case "lock":
      requireOwner(machineList, body.by, "switch the shared key off");
      if (machineList.isLocked) throw new BrokenMachineList("The shared key is already switched off.");
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
    throw new BrokenMachineList("These keys are already in the machine list.");
  }
  requireFree(machineList, keys.name, body.by);
  const machine: ListedMachine = {
    ...keys,
    fingerprint: body.by,
    formerNames: [],
    isOwner,
    joinedAt: body.at,
    invitedBy,
    revokedAt: null,
    spent: 0,
  };
  return { ...machineList, machines: [...machineList.machines, machine] };
}

function withInvite(machineList: MachineList, body: Extract<MachineListBody, { type: "invite" }>): MachineList {
  const { invite: id, key, by, owner, expiresAt, at } = body;
  if (owner) requireOwner(machineList, by, "invite an owner");
  if (machineList.invites.some((each) => each.id === id))
    throw new BrokenMachineList("The invitation is already in the machine list.");
  const open = machineList.invites.filter((each) => each.by === by && !each.isUsed && each.expiresAt > at);
  if (open.length >= MAX_OPEN_INVITES) {
    throw new BrokenMachineList(`This machine already has ${MAX_OPEN_INVITES} open invitations.`);
  }
  return {
    ...machineList,
    invites: [...machineList.invites, { id, key, by, isForOwner: owner, expiresAt, isUsed: false }],
  };
}

/** The invitation that a machine joins with. The bridge also checks its expiry, by its own clock. */
function openInvite(
  machineList: MachineList,
  { invite, at }: Extract<MachineListBody, { type: "join" }>,
): ListedInvitation {
  const found = machineList.invites.find(({ id }) => id === invite);
  if (!found) throw new BrokenMachineList("The invitation does not exist.");
  if (found.isUsed) throw new BrokenMachineList("The invitation was already used.");
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

/** Without an owner, no machine could ever be revoked again. */
function requireAnotherOwner({ machines }: MachineList, fingerprint: string): void {
  const owners = machines.filter(({ isOwner, revokedAt }) => isOwner && revokedAt === null);
  if (owners.length !== 1 || owners[0]?.fingerprint !== fingerprint) return;
  throw new BrokenMachineList("The machine is the last owner. Make another machine an owner first.");
}

/**
 * A machine's current and former names stay reserved permanently, so that a message addressed out of habit never reaches
 * another machine, even after the first one is revoked.
 */
function requireFree(machineList: MachineList, name: string, fingerprint: string): void {
  const others = machineList.machines.filter((machine) => machine.fingerprint !== fingerprint);
  if (!reservedNames({ ...machineList, machines: others }).has(name.toLowerCase())) return;
  throw new BrokenMachineList("Another machine has or had this name. Choose another one.", true);
}

function changeMachine(machineList: MachineList, fingerprint: string, change: Partial<ListedMachine>): MachineList {
  const machines = machineList.machines.map((each) =>
    each.fingerprint === fingerprint ? { ...each, ...change } : each,
  );
  return { ...machineList, machines };
}
