import { isSameName } from "../../../contract/address.ts";
import { bodyOf, namesOf, reservedNames, signedText } from "../../../contract/follow-machine-list.ts";
import {
  type AuditEntry,
  INVITE_SECONDS,
  type ListedMachine,
  MAX_SKEW_MS,
  type MachineListBody,
  type MachineListEntry,
  type SeenCredential,
} from "../../../contract/machine-list.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";
import { isoTime } from "../../ambient.ts";
import { forbidden, invalid, type Refusal } from "../../refusal.ts";
import type { Caller } from "../caller.ts";
import type { Database } from "../database.ts";
import type { JoinedMachine } from "../mail/last-seen.ts";
import { AuditLog, type Note } from "./audit-log.ts";
import { Invitations } from "./invitations.ts";
import { asRefusal, type ListHead, StoredMachineList } from "./stored-machine-list.ts";

/** Shortest time between two updates of when a machine was last seen. */
const SEEN_STEP_MS = 5 * 60_000;

/** The machine that a key belongs to. */
export type KnownMachine = Extract<Caller, { kind: "machine" }>;

/** The machine that a key belonged to, before it left or was revoked. */
export interface RevokedMachine {
  readonly kind: "revoked";
  readonly name: string;
}

export interface Extension {
  readonly entry: MachineListEntry;
  readonly keyHash: string | undefined;
  readonly address: string | undefined;
  /** Gives {@link Credential.mailSince}. */
  readonly mailSince: () => number;
}

export interface Joining {
  readonly invite: string;
  readonly entry: MachineListEntry;
  readonly keyHash: string;
  readonly address: string | undefined;
  /** Gives {@link Credential.mailSince}. */
  readonly mailSince: () => number;
}

/** The machines of the bridge: the signed list, the hashes of their keys, invitations, and the audit log. */
export class Machines {
  readonly log: AuditLog;
  readonly #db: Database;
  readonly #now: () => number;
  readonly #list: StoredMachineList;
  readonly #invitations: Invitations;

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
    this.log = new AuditLog(db);
    this.#list = new StoredMachineList(db);
    this.#invitations = new Invitations(db);
  }

  /** Must be called at the end of each turn. @param isDone - false if its writes were rolled back */
  endTurn(isDone: boolean): void {
    this.#list.endTurn(isDone);
  }

  /**
   * Finds the machine that a key belongs to.
   *
   * @param version - the client's version of Photon, if known
   * @returns "unknown" if no machine has the key; a machine that was revoked with its name alone
   */
  identify(keyHash: string, version: string | undefined): KnownMachine | RevokedMachine | "unknown" {
    const statement = "SELECT fingerprint, seen_at, version FROM credentials WHERE key_hash = ?";
    const row = this.#db.first<{ fingerprint: string; seen_at: number | null; version: string | null }>(
      statement,
      keyHash,
    );
    const machine = row && this.#list.machineList.machines.find(({ fingerprint }) => fingerprint === row.fingerprint);
    if (!machine) return "unknown";
    if (machine.revokedAt !== null) return { kind: "revoked", name: machine.name };
    const now = this.#now();
    if (now - (row.seen_at ?? 0) > SEEN_STEP_MS || (version !== undefined && version !== row.version)) {
      const update = "UPDATE credentials SET seen_at = ?, version = coalesce(?, version) WHERE key_hash = ?";
      this.#db.all(update, now, version ?? null, keyHash);
    }
    const { fingerprint, name, isOwner } = machine;
    const names = namesOf(machine).map((each) => each.toLowerCase());
    return { kind: "machine", fingerprint, name, names, isOwner };
  }

  /** Whether the shared key is switched off. */
  get isLocked(): boolean {
    return this.#list.machineList.isLocked;
  }

  /**
   * Names that the shared key cannot use: current and former names of machines that have joined, in lower case. They stay
   * reserved after a revocation, because a lost machine may know the shared key.
   */
  get joinedNames(): string[] {
    return [...reservedNames(this.#list.machineList)];
  }

  /** The machines that have joined and were not revoked. */
  get joined(): JoinedMachine[] {
    const seenAt = new Map(this.#seen().map(({ fingerprint, seen_at: at }) => [fingerprint, at]));
    return this.#active.map((machine) => ({
      names: namesOf(machine),
      seenMs: seenAt.get(machine.fingerprint) ?? Date.parse(machine.joinedAt),
      mailSince: this.#list.mailSince(machine),
    }));
  }

  /**
   * All names of the machine that has or had a name, the present one first. A name that no machine joined with, or only a
   * machine that was revoked, stands alone.
   */
  namesOf(name: string): readonly string[] {
    const machine = this.#called(name);
    return machine === undefined ? [name] : namesOf(machine);
  }

  /** See {@link StoredMachineList.mailSince}; 0 if no machine that joined has or had the name. */
  mailSince(name: string): number {
    const machine = this.#called(name);
    return machine === undefined ? 0 : this.#list.mailSince(machine);
  }

  #called(name: string): ListedMachine | undefined {
    return this.#active.find((machine) => namesOf(machine).some((each) => isSameName(each, name)));
  }

  get #active(): ListedMachine[] {
    return this.#list.machineList.machines.filter(({ revokedAt }) => revokedAt === null);
  }

  #seen() {
    return this.#db.all<{ fingerprint: string; seen_at: number; version: string | null }>(
      "SELECT fingerprint, seen_at, version FROM credentials WHERE seen_at IS NOT NULL",
    );
  }

  entries(after: number): { entries: MachineListEntry[]; seen: SeenCredential[] } {
    const seen = this.#seen().map(({ fingerprint, seen_at: at, version }) => ({
      fingerprint,
      seenAt: isoTime(at),
      ...(version !== null && { version }),
    }));
    return { entries: this.#list.entriesAfter(after), seen };
  }

  /** Adds any entry but a `join`. @throws Refusal 400, 403 or 409 */
  extend({ entry, keyHash, address, mailSince }: Extension, caller: Caller): { head: ListHead; body: MachineListBody } {
    const body = bodyIn(entry);
    if (body.type === "join") throw invalid("To join, use POST /invites/:invite/join.");
    const isFirst = body.type === "found";
    if (isFirst !== (keyHash !== undefined))
      throw invalid("`keyHash` is required for a `found` entry, and allowed only there.");
    const signer = caller.kind === "machine" ? caller.fingerprint : null;
    if (signer !== (isFirst ? null : body.by)) throw forbidden("Only the machine that signed an entry can add it.");
    this.#requireNear(body);
    const credential = () => ({ fingerprint: body.by, seenAt: this.#now(), mailSince: mailSince() });
    const head = this.#list.append(entry, keyHash === undefined ? null : { keyHash, ...credential() });
    if (body.type === "invite") this.#invitations.add(body.invite);
    this.log.add({ ...this.#noteOf(body), address }, this.#now());
    return { head, body };
  }

  /** The machine list, for a client that knows the id of an open invitation. Writes nothing. @throws Refusal 403 */
  invitation(id: string): { entries: MachineListEntry[] } {
    if (this.#invitations.open(this.#list, id, this.#now()) === null) throw unusable();
    return { entries: this.#list.entriesAfter(0) };
  }

  /**
   * Lets a machine join with an invitation.
   *
   * @returns a refusal, instead of throwing it, if the attempt was counted, so that the count is not rolled back
   * @throws Refusal 400, 403 or 409
   */
  join({ invite, entry, keyHash, address, mailSince }: Joining): ListHead | Refusal {
    const invited = this.#invitations.open(this.#list, invite, this.#now());
    if (invited === null) throw unusable();
    const { machineList } = this.#list;
    const body = bodyIn(entry);
    if (body.type !== "join" || body.invite !== invite) throw invalid("The entry is not a join with this invitation.");
    const isStale = body.prev !== (machineList.hashes.at(-1) ?? null); // the machine will retry; not a wrong attempt
    const isRight = STRICT_CRYPTO.isSignedBy(invited.key, signedText(entry.body), entry.inviteSignature ?? "");
    if (!isStale && !isRight) {
      this.log.addStranger({ what: "wrong_invite", address }, this.#now());
      if (this.#invitations.noteWrongJoin(invited)) this.log.add({ what: "invites_burned" }, this.#now());
      return unusable();
    }
    this.#requireNear(body);
    const head = this.#list.append(entry, {
      keyHash,
      fingerprint: body.by,
      seenAt: this.#now(),
      mailSince: mailSince(),
    });
    const inviter = machineList.machines.find(({ fingerprint }) => fingerprint === invited.by);
    const note: Note = { what: "joined", by: body.machine.name, about: `invited by ${inviter?.name}`, address };
    this.log.add(note, this.#now());
    return head;
  }

  /** @throws Refusal 400 if the cursor is invalid */
  auditLog(limit: number, cursor: string | undefined): { entries: AuditEntry[]; cursor?: string } {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
    if (!Number.isSafeInteger(before)) throw invalid("`cursor` is invalid.");
    const { entries, next } = this.log.page(Math.min(limit, 100), before);
    return { entries, ...(next !== null && { cursor: String(next) }) };
  }

  #requireNear(body: MachineListBody): void {
    const now = this.#now();
    if (Math.abs(Date.parse(body.at) - now) > MAX_SKEW_MS) {
      throw invalid("The entry's time differs from the bridge's clock by more than 10 minutes.");
    }
    if (body.type === "invite" && Date.parse(body.expiresAt) > now + INVITE_SECONDS * 1000 + 60_000) {
      throw invalid(`An invitation is valid for at most ${INVITE_SECONDS / 60} minutes.`);
    }
  }

  #noteOf(body: Exclude<MachineListBody, { type: "join" }>): Note {
    const { machines } = this.#list.machineList;
    const machineOf = (wanted: string) => machines.find(({ fingerprint }) => fingerprint === wanted);
    const by = machineOf(body.by)?.name;
    switch (body.type) {
      case "found":
        return { what: "founded", by };
      case "invite":
        return { what: "invited", by, about: body.owner ? "an owner" : "a machine" };
      case "rename":
        return { what: "renamed", by: machineOf(body.by)?.formerNames.at(-1), about: body.name };
      case "revoke":
        return { what: "revoked", by, about: machineOf(body.machine)?.name };
      case "owner":
        return { what: "made_owner", by, about: machineOf(body.machine)?.name };
      case "lock":
        return { what: "locked", by };
    }
  }
}

function unusable(): Refusal {
  return forbidden(
    "This invitation has expired, was already used, or is invalid. Create a new one with `photon invite`.",
  );
}

function bodyIn(entry: MachineListEntry): MachineListBody {
  try {
    return bodyOf(entry);
  } catch (error) {
    throw asRefusal(error);
  }
}
