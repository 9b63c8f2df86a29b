import { BrokenMachineList, followMachineList, type MachineListCrypto } from "../../../contract/follow-machine-list.ts";
import {
  EMPTY_MACHINE_LIST,
  type ListedMachine,
  MAX_SKEW_MS,
  type MachineList,
  MachineListEntry,
} from "../../../contract/machine-list.ts";
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
  /** The first time that a message stored from now on can have, in milliseconds since 1970. */
  readonly mailSince: number;
}

/** The stored entries, and the machine list that follows from them. */
export class StoredMachineList {
  readonly #db: Database;
  /** Computed once after the object wakes. */
  #machineList: MachineList | null = null;
  /** {@link mailSince} by fingerprint, as far as it was asked for. */
  readonly #mailSince = new Map<string, number>();
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

  /**
   * The first time that a message stored after a machine joined can have, in milliseconds since 1970. No encrypted message
   * to everyone with an earlier time was encrypted for the machine. Renaming it changes nothing.
   */
  mailSince({ fingerprint, joinedAt }: Pick<ListedMachine, "fingerprint" | "joinedAt">): number {
    const known = this.#mailSince.get(fingerprint);
    if (known !== undefined) return known;
    // A machine that joined before bridges noted this has only the time by its own clock, which may have been ahead.
    const since = this.#db.number(`mail_since:${fingerprint}`) || Date.parse(joinedAt) - MAX_SKEW_MS;
    this.#mailSince.set(fingerprint, since);
    return since;
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
      this.#db.setNumber(`mail_since:${credential.fingerprint}`, credential.mailSince);
      this.#mailSince.set(credential.fingerprint, credential.mailSince); // unused if the turn is rolled back
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
