import {
  BrokenMachineList,
  EMPTY_MACHINE_LIST,
  followMachineList,
  type MachineList,
  type MachineListCrypto,
} from "../../../contract/follow-machine-list.ts";
import { MachineListEntry } from "../../../contract/machine-list.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";
import { invalid, Refusal } from "../../refusal.ts";
import type { Database } from "../database.ts";

/** For entries of the object's own table: it checked them before it stored them. */
const CHECKED_BEFORE: MachineListCrypto = {
  sha256: STRICT_CRYPTO.sha256,
  isSignedBy: () => true,
  isUsableSignKey: () => true,
  isUsableRecipient: () => true,
};

/** The end of the chain. */
export interface ListHead {
  readonly length: number;
  readonly head: string;
}

/** The hash of a machine's key, and whose it is. */
export interface Credential {
  readonly keyHash: string;
  readonly fingerprint: string;
}

/** The signed entries, and the list that they come to. */
export class StoredMachineList {
  readonly #db: Database;
  /** Worked out once after waking up. */
  #machineList: MachineList | null = null;
  /** Whether the present turn has added an entry: until it is done, the memory is ahead of the tables. */
  #isAhead = false;

  constructor(db: Database) {
    this.#db = db;
  }

  get machineList(): MachineList {
    this.#machineList ??= this.entriesAfter(0).reduce(
      (machineList, entry) => followMachineList(machineList, entry, CHECKED_BEFORE),
      EMPTY_MACHINE_LIST,
    );
    return this.#machineList;
  }

  /** To be called when a turn ended. Not every refusal costs the whole list: it is worked out again only when it grew. */
  endTurn(isDone: boolean): void {
    if (!isDone && this.#isAhead) this.#machineList = null;
    this.#isAhead = false;
  }

  entriesAfter(count: number): MachineListEntry[] {
    const statement = "SELECT entry FROM entries WHERE place > ? ORDER BY place";
    return this.#db
      .all<{ entry: string }>(statement, count)
      .map(({ entry }) => MachineListEntry.parse(JSON.parse(entry)));
  }

  /**
   * Adds an entry, and with it the key of a machine that joins.
   *
   * @throws Refusal 409 when the chain has grown meanwhile, 400 when the entry may not follow
   */
  append(entry: MachineListEntry, credential: Credential | null): ListHead {
    const machineList = followed(this.machineList, entry);
    const place = machineList.hashes.length;
    if (credential !== null) {
      const known = this.#db.first("SELECT 1 FROM credentials WHERE key_hash = ?", credential.keyHash);
      if (known !== undefined) throw invalid("The key is another machine's.");
      const insert = "INSERT INTO credentials (key_hash, fingerprint) VALUES (?, ?)";
      this.#db.all(insert, credential.keyHash, credential.fingerprint);
    }
    this.#db.all("INSERT INTO entries VALUES (?, ?)", place, JSON.stringify(entry));
    this.#isAhead = true;
    this.#machineList = machineList;
    return { length: place, head: machineList.hashes.at(-1) ?? "" };
  }
}

function followed(machineList: MachineList, entry: MachineListEntry): MachineList {
  try {
    return followMachineList(machineList, entry, STRICT_CRYPTO);
  } catch (error) {
    throw asRefusal(error);
  }
}

/** A broken rule as it is answered; anything else as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof BrokenMachineList)) return error;
  return error.isConflict ? new Refusal(409, "conflict", error.message) : invalid(error.message);
}
