import { isActive, type ListedInvitation } from "../../../contract/follow-machine-list.ts";
import { MAX_WRONG_TRIES } from "../../../contract/machine-list.ts";
import { isoTime } from "../../ambient.ts";
import type { Database } from "../database.ts";
import type { StoredMachineList } from "./stored-machine-list.ts";

/** Which invitations can be used. A wrong joining counts for the invitation it names, and for no other. */
export class Invitations {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(id: string): void {
    this.#db.all("INSERT INTO invitations VALUES (?, 0)", id);
  }

  /**
   * The invitation, when it is not used, expired or void, by the bridge's own clock, and its inviter was not revoked. An
   * id that was guessed is found out without the list, which an object that slept has to read.
   */
  open(list: Pick<StoredMachineList, "machineList">, id: string, now: number): ListedInvitation | null {
    if ((this.#wrongJoins(id) ?? MAX_WRONG_TRIES) >= MAX_WRONG_TRIES) return null;
    const { machineList } = list;
    const found = machineList.invites.find((invite) => invite.id === id);
    if (found === undefined || found.isUsed || found.expiresAt <= isoTime(now)) return null;
    return isActive(machineList, found.by) ? found : null;
  }

  /** Counts a joining with a wrong signature. @returns whether the invitation is void from now on */
  noteWrongJoin({ id }: ListedInvitation): boolean {
    const times = (this.#wrongJoins(id) ?? 0) + 1;
    this.#db.all("UPDATE invitations SET wrong_joins = ? WHERE id = ?", times, id);
    return times >= MAX_WRONG_TRIES;
  }

  #wrongJoins(id: string): number | undefined {
    return this.#db.first<{ times: number }>("SELECT wrong_joins AS times FROM invitations WHERE id = ?", id)?.times;
  }
}
