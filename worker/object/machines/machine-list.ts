import {
  BrokenRoster,
  EMPTY_ROSTER,
  followRoster,
  type Roster,
  type RosterCrypto,
} from "../../../contract/follow-roster.ts";
import { RosterEntry } from "../../../contract/roster.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";
import { invalid, Refusal } from "../../refusal.ts";
import type { Database } from "../database.ts";

/** For entries of the object's own table: it checked them before it stored them. */
const CHECKED_BEFORE: RosterCrypto = {
  sha256: STRICT_CRYPTO.sha256,
  isSignedBy: () => true,
  isUsableSignKey: () => true,
  isUsableRecipient: () => true,
};

/** The end of the chain. */
export interface Head {
  readonly length: number;
  readonly head: string;
}

/** The hash of a machine's key, and whose it is. */
export interface Credential {
  readonly keyHash: string;
  readonly fingerprint: string;
}

/** The signed entries, and the list that they come to. */
export class MachineList {
  readonly #db: Database;
  /** Worked out once after waking up. */
  #roster: Roster | null = null;
  /** Whether the present turn has added an entry: until it is done, the memory is ahead of the tables. */
  #isAhead = false;

  constructor(db: Database) {
    this.#db = db;
  }

  get roster(): Roster {
    this.#roster ??= this.entriesAfter(0).reduce(
      (roster, entry) => followRoster(roster, entry, CHECKED_BEFORE),
      EMPTY_ROSTER,
    );
    return this.#roster;
  }

  /** To be called when a turn ended. Not every refusal costs the whole list: it is worked out again only when it grew. */
  endTurn(isDone: boolean): void {
    if (!isDone && this.#isAhead) this.#roster = null;
    this.#isAhead = false;
  }

  entriesAfter(count: number): RosterEntry[] {
    const statement = "SELECT entry FROM entries WHERE place > ? ORDER BY place";
    return this.#db.all<{ entry: string }>(statement, count).map(({ entry }) => RosterEntry.parse(JSON.parse(entry)));
  }

  /**
   * Adds an entry, and with it the key of a machine that joins.
   *
   * @throws Refusal 409 when the chain has grown meanwhile, 400 when the entry may not follow
   */
  append(entry: RosterEntry, credential: Credential | null): Head {
    const roster = followed(this.roster, entry);
    const place = roster.hashes.length;
    if (credential !== null) {
      const known = this.#db.first("SELECT 1 FROM credentials WHERE key_hash = ?", credential.keyHash);
      if (known !== undefined) throw invalid("The key is another machine's.");
      const insert = "INSERT INTO credentials (key_hash, fingerprint) VALUES (?, ?)";
      this.#db.all(insert, credential.keyHash, credential.fingerprint);
    }
    this.#db.all("INSERT INTO entries VALUES (?, ?)", place, JSON.stringify(entry));
    this.#isAhead = true;
    this.#roster = roster;
    return { length: place, head: roster.hashes.at(-1) ?? "" };
  }
}

function followed(roster: Roster, entry: RosterEntry): Roster {
  try {
    return followRoster(roster, entry, STRICT_CRYPTO);
  } catch (error) {
    throw asRefusal(error);
  }
}

/** A broken rule as it is answered; anything else as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof BrokenRoster)) return error;
  return error.isConflict ? new Refusal(409, "conflict", error.message) : invalid(error.message);
}
