import { isActive } from "../../../contract/follow-machine-list.ts";
import { type ListedInvitation, MAX_WRONG_TRIES } from "../../../contract/machine-list.ts";
import { isoTime } from "../../ambient.ts";
import type { Database } from "../database.ts";
import type { StoredMachineList } from "./stored-machine-list.ts";

/** Knows which invitations are usable. A failed join counts only against the invitation it names. */
export class Invitations {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(id: string): void {
    this.#db.all("INSERT INTO invitations VALUES (?, 0)", id);
  }

  /**
   * Finds an invitation that is not used, expired (by the bridge's clock) or void, and whose inviter is not revoked. A
   * guessed id is rejected without the machine list, which an object that just woke would first have to read.
   */
  open(list: Pick<StoredMachineList, "machineList">, id: string, now: number): ListedInvitation | null {
    if ((this.#wrongJoins(id) ?? MAX_WRONG_TRIES) >= MAX_WRONG_TRIES) return null;
    const { machineList } = list;
    const found = machineList.invites.find((invite) => invite.id === id);
    if (found === undefined || found.isUsed || found.expiresAt <= isoTime(now)) return null;
    return isActive(machineList, found.by) ? found : null;
  }

  /** Counts a join with a wrong signature. @returns whether the invitation is now void */
  noteWrongJoin({ id }: ListedInvitation): boolean {
    const times = (this.#wrongJoins(id) ?? 0) + 1;
    this.#db.all("UPDATE invitations SET wrong_joins = ? WHERE id = ?", times, id);
    return times >= MAX_WRONG_TRIES;
  }

  #wrongJoins(id: string): number | undefined {
    return this.#db.first<{ times: number }>("SELECT wrong_joins AS times FROM invitations WHERE id = ?", id)?.times;
  }
}
