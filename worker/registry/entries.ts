import { BrokenRoster, EMPTY_ROSTER, followRoster, type Roster } from "../../contract/follow-roster.ts";
import { RosterEntry } from "../../contract/roster.ts";
import { Refusal } from "../refusal.ts";
import type { Sql } from "../store/mailroom/tables.ts";
import { WEB_CRYPTO } from "./web-crypto.ts";

/** Where the chain ends. */
export interface Head {
  readonly length: number;
  readonly head: string;
}

/** What a machine's requests will carry, and whose it is. */
export interface Credential {
  readonly keyHash: string;
  readonly fingerprint: string;
}

/** The chain as it is kept, and what it comes to. */
export class Entries {
  readonly #sql: Sql;
  #roster: Promise<Roster> | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Worked out once after waking up. */
  roster(): Promise<Roster> {
    this.#roster ??= this.#folded();
    return this.#roster;
  }

  after(count: number): RosterEntry[] {
    const rows = this.#sql.exec<{ entry: string }>("SELECT entry FROM entries WHERE place > ? ORDER BY place", count);
    return rows.toArray().map(({ entry }) => RosterEntry.parse(JSON.parse(entry)));
  }

  /**
   * Adds an entry, and with it the key of a machine that joins. Not to be called while another one is under way.
   *
   * @throws Refusal 409 when the chain has grown meanwhile, 400 when the entry may not follow; nothing is kept then
   */
  async append(entry: RosterEntry, credential: Credential | null): Promise<Head> {
    const roster = await followed(await this.roster(), entry);
    const place = roster.hashes.length;
    if (credential) {
      const known = this.#sql.exec("SELECT 1 FROM credentials WHERE key_hash = ?", credential.keyHash).toArray();
      if (known.length > 0) throw invalid("The key is another machine's.");
    }
    // From here on without a pause: all of it or nothing.
    this.#sql.exec("INSERT INTO entries VALUES (?, ?)", place, JSON.stringify(entry));
    if (credential) {
      const insert = "INSERT INTO credentials (key_hash, fingerprint) VALUES (?, ?)";
      this.#sql.exec(insert, credential.keyHash, credential.fingerprint);
    }
    this.#roster = Promise.resolve(roster);
    return { length: place, head: roster.hashes.at(-1) ?? "" };
  }

  async #folded(): Promise<Roster> {
    let roster = EMPTY_ROSTER;
    for (const entry of this.after(0)) roster = await followRoster(roster, entry, WEB_CRYPTO);
    return roster;
  }
}

async function followed(roster: Roster, entry: RosterEntry): Promise<Roster> {
  try {
    return await followRoster(roster, entry, WEB_CRYPTO);
  } catch (error) {
    throw asRefusal(error);
  }
}

/** A broken rule as it is answered; anything else as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof BrokenRoster)) return error;
  return error.isConflict ? new Refusal(409, "conflict", error.message) : invalid(error.message);
}

export function invalid(sentence: string): Refusal {
  return new Refusal(400, "invalid_request", sentence);
}
