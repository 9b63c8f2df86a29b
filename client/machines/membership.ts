import type { ListedMachine, MachineList } from "../../contract/machine-list.ts";
import { INVITE_SECONDS } from "../../contract/machine-list.ts";
import type { ApiClient } from "../bridge/api-client.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";
import { bridgeTime } from "./bridge-time.ts";
import { followEntries, followed, wrongList } from "./follow-entries.ts";
import { type Invitation, inviteKeys as keysOf } from "./invite-line.ts";
import type { OwnKeys } from "./machine-keys.ts";
import { type KnownMachineList, otherList, readMachineList, saveMachineList } from "./machine-list-file.ts";
import type { SigningPair } from "./node-crypto.ts";
import { type MachineListChange, signedEntry } from "./signed-entry.ts";

/** Other machines may extend the machine list at the same time, several times in a row. */
const MAX_ATTEMPTS = 5;

/** The `checkedAt` of a list that the bridge contradicts, so that it is fetched again before its next use. */
const NEVER = 0;

/** This machine's membership in its bridge's machine list. */
export class Membership {
  readonly keys: OwnKeys;
  readonly #paths: Paths;
  readonly #api: () => ApiClient;
  readonly #now: () => number;
  #known: KnownMachineList | null = null;

  /** @param api - throws a PhotonError if this machine is not set up */
  constructor(paths: Paths, keys: OwnKeys, api: () => ApiClient, now: () => number) {
    this.#paths = paths;
    this.keys = keys;
    this.#api = api;
    this.#now = now;
  }

  /** The machine list, as far as this machine has followed it. */
  get known(): KnownMachineList {
    this.#known ??= readMachineList(this.#paths, this.keys.workerUrl);
    return this.#known;
  }

  /** This machine in the machine list; undefined if it was revoked. */
  get self(): ListedMachine | undefined {
    const isSelf = ({ fingerprint, revokedAt }: ListedMachine) =>
      fingerprint === this.keys.fingerprint && revokedAt === null;
    return this.known.machineList.machines.find(isSelf);
  }

  /**
   * The machine list, fetched again if the last answer is older than `maxAgeMs`. It never gets shorter: entries that any
   * process of this machine has followed are kept.
   *
   * @throws PhotonError if the bridge cannot be reached, or its list does not continue the known one
   */
  async machineList(maxAgeMs: number): Promise<KnownMachineList> {
    this.#readFromDisk();
    const { machineList, checkedAt } = this.known;
    const age = this.#now() - checkedAt;
    if (age >= 0 && age < maxAgeMs) return this.known;
    // Includes the last known entry. If the bridge does not return the same one, it has another list or hides entries.
    const after = Math.max(0, machineList.hashes.length - 1);
    const { entries, seen } = await this.#api().call("machineList", { query: { after: String(after) } });
    const [last] = entries;
    const isSame = machineList.hashes.length === 0 || (last && sha256Hex(last.body) === machineList.hashes.at(-1));
    if (!isSame) {
      this.#keep({ ...this.known, checkedAt: NEVER });
      throw otherList(this.#paths);
    }
    const { machineList: longer, broken } = await followEntries(
      machineList,
      entries.slice(machineList.hashes.length - after),
    );
    if (broken !== null) {
      // Keep the valid entries, such as a revocation before the invalid entry.
      this.#keep({ ...this.known, machineList: longer, checkedAt: NEVER });
      throw wrongList(broken);
    }
    return this.#keep({ machineList: longer, checkedAt: this.#now(), seen });
  }

  /**
   * Adds an entry.
   *
   * @param inviteKeys - the key pair of an invitation, which also signs
   * @throws PhotonError that says why the entry cannot be added
   */
  async extend(change: MachineListChange, inviteKeys?: SigningPair): Promise<MachineList> {
    return this.#add(() => change, inviteKeys);
  }

  /** Finds out whether an entry may be added, without adding it. @throws PhotonError that says why not */
  async requireAllowed(change: MachineListChange): Promise<void> {
    const { machineList } = await this.machineList(0);
    const now = await bridgeTime(this.#api(), { now: this.#now(), lastAt: machineList.lastAt });
    await followed(
      machineList,
      [signedEntry(machineList, change, { by: this.keys, inviteKeys: undefined, now })],
      "invalid_request",
    );
  }

  /** Adds an invitation, valid for {@link INVITE_SECONDS} by the bridge's clock. @throws PhotonError */
  async invite(invitation: Invitation, isForOwner: boolean): Promise<MachineList> {
    const keys = keysOf(invitation);
    const change = (now: number) => ({
      type: "invite" as const,
      invite: invitation.id,
      key: keys.publicKey,
      owner: isForOwner,
      expiresAt: new Date(now + INVITE_SECONDS * 1000).toISOString(),
    });
    return this.#add(change, keys);
  }

  async #add(changeAt: (now: number) => MachineListChange, inviteKeys: SigningPair | undefined): Promise<MachineList> {
    const now = await bridgeTime(this.#api(), { now: this.#now(), lastAt: this.known.machineList.lastAt });
    for (let attempt = 1; ; attempt++) {
      const { machineList } = await this.machineList(0);
      const entry = signedEntry(machineList, changeAt(now), { by: this.keys, inviteKeys, now });
      const extended = await followed(machineList, [entry], "invalid_request"); // finds out why it is invalid before asking the bridge
      try {
        await this.#api().call("extendMachineList", { body: { entry } });
        return this.#keep({ ...this.known, machineList: extended, checkedAt: this.#now() }).machineList;
      } catch (error) {
        const isStale = error instanceof PhotonError && error.code === "conflict";
        if (!isStale || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Another process of this machine may have followed the list further. */
  #readFromDisk(): void {
    const { machineList } = this.known;
    const disk = readMachineList(this.#paths, this.keys.workerUrl);
    if (disk.machineList.hashes.length > machineList.hashes.length) this.#known = disk;
  }

  #keep(known: KnownMachineList): KnownMachineList {
    this.#known = saveMachineList(this.#paths, this.keys.workerUrl, known);
    return this.#known;
  }
}
