import {
  bodyOf,
  type Roster,
  type RosterInvite,
  type RosterMachine,
  signedText,
} from "../../contract/follow-roster.ts";
import {
  type AuditEntry,
  INVITE_SECONDS,
  type RosterBody,
  type RosterEntry,
  type SeenCredential,
} from "../../contract/roster.ts";
import { Refusal } from "../refusal.ts";
import { isoTime } from "../store/iso-time.ts";
import type { Sql } from "../store/mailroom/tables.ts";
import { Audit, type Noted } from "./audit.ts";
import { asRefusal, Entries, type Head, invalid } from "./entries.ts";
import { Invitations } from "./invitations.ts";
import { Quota } from "./quota.ts";
import { SCHEMA } from "./schema.ts";
import { WEB_CRYPTO } from "./web-crypto.ts";

/** How far the clock of a machine may be from the bridge's. */
const MAX_SKEW_MS = 10 * 60_000;

/** When a machine was seen is written this seldom. */
const SEEN_STEP_MS = 5 * 60_000;

/** Who a machine's key belongs to. */
export interface KnownMachine {
  readonly fingerprint: string;
  readonly name: string;
  /** Now and before, in lower case. */
  readonly names: readonly string[];
  readonly isOwner: boolean;
}

/** What holds for whoever has the shared key. */
export interface SharedKeyPolicy {
  readonly isLocked: boolean;
  /** The names of machines that joined, now and before, in lower case. */
  readonly joinedNames: readonly string[];
}

export interface Extension {
  readonly entry: RosterEntry;
  readonly keyHash?: string | undefined;
  /** null: the shared key. */
  readonly fingerprint: string | null;
  readonly address: string | undefined;
}

export interface JoinRequest {
  readonly invite: string;
  readonly entry: RosterEntry;
  readonly keyHash: string;
  readonly address: string | undefined;
}

/** The machines of one bridge, in the tables of one Durable Object. Whatever changes them happens one after another. */
export class RegistryStore {
  readonly #sql: Sql;
  readonly #now: () => number;
  readonly #entries: Entries;
  readonly #invitations: Invitations;
  readonly #audit: Audit;
  readonly #quota: Quota;
  #last: Promise<unknown> = Promise.resolve();

  constructor(sql: Sql, now: () => number) {
    sql.exec(SCHEMA);
    this.#sql = sql;
    this.#now = now;
    this.#entries = new Entries(sql);
    this.#invitations = new Invitations(sql);
    this.#audit = new Audit(sql);
    this.#quota = new Quota(sql);
  }

  /** @returns null for a key that was never taken; "revoked" for one of a machine that was taken out */
  async identify(keyHash: string, version: string | null): Promise<KnownMachine | "revoked" | null> {
    const statement = "SELECT fingerprint, seen_at, version FROM credentials WHERE key_hash = ?";
    const [row] = this.#sql
      .exec<{ fingerprint: string; seen_at: number | null; version: string | null }>(statement, keyHash)
      .toArray();
    if (!row) return null;
    const machine = (await this.#entries.roster()).machines.find(({ fingerprint }) => fingerprint === row.fingerprint);
    if (!machine) return null;
    if (machine.revokedAt !== null) return "revoked";
    const now = this.#now();
    if (now - (row.seen_at ?? 0) > SEEN_STEP_MS || (version !== null && version !== row.version)) {
      const update = "UPDATE credentials SET seen_at = ?, version = coalesce(?, version) WHERE key_hash = ?";
      this.#sql.exec(update, now, version, keyHash);
    }
    const { fingerprint, name, isOwner } = machine;
    return { fingerprint, name, names: namesOf(machine), isOwner };
  }

  async policy(): Promise<SharedKeyPolicy> {
    const { machines, isLocked } = await this.#entries.roster();
    const active = machines.filter(({ revokedAt }) => revokedAt === null);
    return { isLocked, joinedNames: active.flatMap(namesOf) };
  }

  async entries(after: number): Promise<{ entries: RosterEntry[]; seen: SeenCredential[] }> {
    const rows = this.#sql.exec<{ fingerprint: string; seen_at: number; version: string | null }>(
      "SELECT fingerprint, seen_at, version FROM credentials WHERE seen_at IS NOT NULL",
    );
    const seen = rows.toArray().map(({ fingerprint, seen_at: at, version }) => ({
      fingerprint,
      seenAt: isoTime(at),
      ...(version !== null && { version }),
    }));
    return { entries: this.#entries.after(after), seen };
  }

  extend(extension: Extension): Promise<Head> {
    return this.#inTurn(async () => {
      const { entry, keyHash, fingerprint, address } = extension;
      const body = bodyIn(entry);
      if (body.type === "join") throw invalid("A machine joins by an invitation: POST /invites/:invite/join.");
      const isFounding = body.type === "found";
      if (isFounding !== (keyHash !== undefined)) throw invalid("A key's hash goes with the first machine alone.");
      if (isFounding ? fingerprint !== null : fingerprint !== body.by) {
        throw new Refusal(403, "forbidden", "Only the machine that signs an entry can add it.");
      }
      this.#requireNear(body);
      const head = await this.#entries.append(entry, keyHash === undefined ? null : { keyHash, fingerprint: body.by });
      this.#note({ ...(await this.#notedOf(body)), address });
      return head;
    });
  }

  async invitation(invite: string, address: string | undefined): Promise<{ entries: RosterEntry[] }> {
    return this.#inTurn(async () => {
      await this.#requireOpen(invite, address);
      return { entries: this.#entries.after(0) };
    });
  }

  join({ invite, entry, keyHash, address }: JoinRequest): Promise<Head> {
    return this.#inTurn(async () => {
      const invited = await this.#requireOpen(invite, address);
      const body = bodyIn(entry);
      if (body.type !== "join" || body.invite !== invite) throw invalid("The entry does not join by this invitation.");
      this.#requireNear(body);
      const roster = await this.#entries.roster();
      const isStale = body.prev !== (roster.hashes.at(-1) ?? null); // which is no wrong try
      const signature = entry.inviteSignature ?? "";
      const isRight = await WEB_CRYPTO.isSignedBy(invited.key, signedText(entry.body), signature);
      if (!isStale && !isRight) throw this.#wrongTry(roster, address);
      const head = await this.#entries.append(entry, { keyHash, fingerprint: body.by });
      const inviter = roster.machines.find(({ fingerprint }) => fingerprint === invited.by);
      this.#note({ what: "joined", by: body.machine.name, about: `invited by ${inviter?.name}`, address });
      return head;
    });
  }

  async failedKey(address: string | undefined): Promise<void> {
    this.#audit.noteFailedKey(address, this.#now());
  }

  async cleared(by: string, address: string | undefined): Promise<void> {
    this.#note({ what: "cleared", by, address });
  }

  async log(limit: number, cursor: string | undefined): Promise<{ entries: AuditEntry[]; cursor?: string }> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
    if (!Number.isSafeInteger(before)) throw invalid("`cursor` is none that an answer gave.");
    const { entries, next } = this.#audit.page(Math.min(limit, 100), before);
    return { entries, ...(next !== null && { cursor: String(next) }) };
  }

  async spend(who: string, bytes: number, seconds: number): Promise<boolean> {
    return this.#quota.spend(who, bytes, seconds, this.#now());
  }

  /** @throws Refusal for an invitation that cannot be used; it counts as a wrong try */
  async #requireOpen(invite: string, address: string | undefined): Promise<RosterInvite> {
    const roster = await this.#entries.roster();
    const found = this.#invitations.open(roster, this.#now()).find(({ id }) => id === invite);
    if (!found) throw this.#wrongTry(roster, address);
    return found;
  }

  #wrongTry(roster: Roster, address: string | undefined): Refusal {
    this.#note({ what: "wrong_invite", address });
    if (this.#invitations.wrongTry(roster)) this.#note({ what: "invites_burned" });
    const sentence = "The invitation cannot be used: it was used, is over, or never was one. Ask for a new line.";
    return new Refusal(403, "forbidden", sentence);
  }

  #requireNear(body: RosterBody): void {
    const now = this.#now();
    if (Math.abs(Date.parse(body.at) - now) > MAX_SKEW_MS) {
      throw invalid("This machine's clock is more than 10 minutes from the bridge's.");
    }
    if (body.type === "invite" && Date.parse(body.expiresAt) > now + INVITE_SECONDS * 1000 + 60_000) {
      throw invalid(`An invitation is good for at most ${INVITE_SECONDS / 60} minutes.`);
    }
  }

  async #notedOf(body: RosterBody): Promise<Noted> {
    const { machines } = await this.#entries.roster();
    const nameOf = (wanted: string) => machines.find(({ fingerprint }) => fingerprint === wanted)?.name;
    const by = nameOf(body.by);
    switch (body.type) {
      case "found":
        return { what: "founded", by };
      case "invite":
        return { what: "invited", by, about: body.owner ? "an owner" : "a machine" };
      case "rename":
        return {
          what: "renamed",
          by: machines.find(({ fingerprint }) => fingerprint === body.by)?.formerNames.at(-1),
          about: body.name,
        };
      case "revoke":
        return { what: "revoked", by, about: nameOf(body.machine) };
      case "owner":
        return { what: "made_owner", by, about: nameOf(body.machine) };
      case "lock":
        return { what: "locked", by };
      case "join":
        return { what: "joined", by };
    }
  }

  #note(noted: Noted): void {
    this.#audit.note(noted, this.#now());
  }

  /** Cryptography takes turns with other calls: what reads and then writes must not. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

function namesOf({ name, formerNames }: RosterMachine): string[] {
  return [name, ...formerNames].map((each) => each.toLowerCase());
}

function bodyIn(entry: RosterEntry): RosterBody {
  try {
    return bodyOf(entry);
  } catch (error) {
    throw asRefusal(error);
  }
}
