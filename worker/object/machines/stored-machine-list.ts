import { BrokenMachineList, followMachineList, type MachineListCrypto } from "../../../contract/follow-machine-list.ts";
import { EMPTY_MACHINE_LIST, type MachineList, MachineListEntry } from "../../../contract/machine-list.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";
import { invalid, Refusal } from "../../refusal.ts";
import type { Database } from "../database.ts";
import { storedJson } from "../stored-json.ts";

/** For entries from the object's own table, which were checked before they were stored. */
const CHECKED_BEFORE: MachineListCrypto = {
  sha256: STRICT_CRYPTO.sha256,
  isSignedBy: () => true,
  isUsableSignKey: () => true,
  isUsableRecipient: () => true,
};

/** The end of the list. */
export interface ListHead {
  readonly length: number;
  readonly head: string;
}

/** The hash of a machine's key, the machine, and when it was first seen, in milliseconds since 1970. */
export interface Credential {
  readonly keyHash: string;
  readonly fingerprint: string;
  readonly seenAt: number;
}

/** The stored entries, and the machine list that follows from them. */
export class StoredMachineList {
  readonly #db: Database;
  /** Computed once after the object wakes. */
  #machineList: MachineList | null = null;
  /** Whether the current turn added an entry. If it is rolled back, the list in memory is ahead of the tables. */
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

  /** Must be called at the end of each turn. Only a turn that was rolled back after adding an entry drops the list. */
  endTurn(isDone: boolean): void {
    if (!isDone && this.#isAhead) this.#machineList = null;
    this.#isAhead = false;
  }

  entriesAfter(count: number): MachineListEntry[] {
    const statement = "SELECT entry FROM entries WHERE place > ? ORDER BY place";
    return this.#db.all<{ entry: string }>(statement, count).map(({ entry }) => storedJson(MachineListEntry, entry));
  }

  /**
   * Adds an entry and, for a machine that joins, its key.
   *
   * @throws Refusal 409 if another entry was added first, 400 if the entry may not follow
   */
  append(entry: MachineListEntry, credential: Credential | null): ListHead {
    const machineList = followed(this.machineList, entry);
    const place = machineList.hashes.length;
    if (credential !== null) {
      const known = this.#db.first("SELECT 1 FROM credentials WHERE key_hash = ?", credential.keyHash);
      if (known !== undefined) throw invalid("Another machine has this key.");
      const insert = "INSERT INTO credentials (key_hash, fingerprint, seen_at) VALUES (?, ?, ?)";
      this.#db.all(insert, credential.keyHash, credential.fingerprint, credential.seenAt);
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

/** Turns a broken rule into a refusal; returns any other error unchanged. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof BrokenMachineList)) return error;
  return error.isConflict ? new Refusal(409, "conflict", error.message) : invalid(error.message);
}
