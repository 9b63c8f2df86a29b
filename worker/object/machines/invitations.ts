import { isActive, type Roster, type RosterInvite } from "../../../contract/follow-roster.ts";
import { MAX_WRONG_TRIES } from "../../../contract/roster.ts";
import { isoTime } from "../../iso-time.ts";
import type { Database } from "../database.ts";

/** Which invitations can be used. A wrong joining counts for the invitation it names, and for no other. */
export class Invitations {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The invitation, when it is not used, expired or void, by the bridge's own clock, and its inviter was not taken out.
   */
  open(roster: Roster, id: string, now: number): RosterInvite | null {
    const found = roster.invites.find((invite) => invite.id === id);
    if (found === undefined || found.isUsed || found.expiresAt <= isoTime(now)) return null;
    if (!isActive(roster, found.by)) return null;
    return this.#wrongJoins(id) >= MAX_WRONG_TRIES ? null : found;
  }

  /** Counts a joining with a wrong signature. @returns whether the invitation is void from now on */
  noteWrongJoin({ id }: RosterInvite): boolean {
    const times = this.#wrongJoins(id) + 1;
    const upsert = "INSERT INTO wrong_joins VALUES (?, ?) ON CONFLICT DO UPDATE SET times = excluded.times";
    this.#db.all(upsert, id, times);
    return times >= MAX_WRONG_TRIES;
  }

  #wrongJoins(id: string): number {
    return this.#db.first<{ times: number }>("SELECT times FROM wrong_joins WHERE invite = ?", id)?.times ?? 0;
  }
}
