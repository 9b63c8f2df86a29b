import type { Roster, RosterMachine } from "../../contract/follow-roster.ts";
import { INVITE_SECONDS } from "../../contract/roster.ts";
import type { ApiClient } from "../bridge/api-client.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { bridgeTime } from "./bridge-time.ts";
import { followEntries, followed, wrongList } from "./follow-entries.ts";
import { type Invitation, inviteKeys as keysOf } from "./invite-line.ts";
import type { OwnKeys } from "./machine-keys.ts";
import { type SigningPair, sha256 } from "./node-crypto.ts";
import { type KnownRoster, otherList, readRoster, saveRoster } from "./roster-file.ts";
import { type RosterChange, signedEntry } from "./signed-entry.ts";

/** Another machine may extend the roster at the same moment, a few times in a row. */
const MAX_ATTEMPTS = 5;

/** A list that the bridge contradicts is asked for again before anything is encrypted with it. */
const NEVER = 0;

/** This machine as one of those that joined its bridge. */
export class Membership {
  readonly keys: OwnKeys;
  readonly #paths: Paths;
  readonly #api: () => ApiClient;
  readonly #now: () => number;
  #known: KnownRoster | null = null;

  /** @param api - throws a PhotonError when this machine is not set up */
  constructor(paths: Paths, keys: OwnKeys, api: () => ApiClient, now: () => number) {
    this.#paths = paths;
    this.keys = keys;
    this.#api = api;
    this.#now = now;
  }

  /** As far as this machine has followed it. */
  get known(): KnownRoster {
    this.#known ??= readRoster(this.#paths, this.keys.workerUrl);
    return this.#known;
  }

  /** This machine in the roster; undefined when it was taken out. */
  get self(): RosterMachine | undefined {
    const isSelf = ({ fingerprint, revokedAt }: RosterMachine) =>
      fingerprint === this.keys.fingerprint && revokedAt === null;
    return this.known.roster.machines.find(isSelf);
  }

  /**
   * The roster, asked for again when the last answer is older. It never gets shorter: what this process, or another one of
   * this machine, has followed stays.
   *
   * @throws PhotonError when the bridge cannot be asked, or what it shows does not go on from what this machine knows
   */
  async roster(maxAgeMs: number): Promise<KnownRoster> {
    this.#lookAtDisk();
    const { roster, checkedAt } = this.known;
    const age = this.#now() - checkedAt;
    if (age >= 0 && age < maxAgeMs) return this.known;
    // From the last known entry on: a bridge that shows another one, or none, has another list or hides a part of it.
    const after = Math.max(0, roster.hashes.length - 1);
    const { entries, seen } = await this.#api().call("roster", { query: { after: String(after) } });
    const [last] = entries;
    const isSame = roster.hashes.length === 0 || (last && sha256(last.body) === roster.hashes.at(-1));
    if (!isSame) {
      this.#keep({ ...this.known, checkedAt: NEVER });
      throw otherList(this.#paths);
    }
    const { roster: longer, broken } = await followEntries(roster, entries.slice(roster.hashes.length - after));
    if (broken !== null) {
      // What could be followed is known from now on, also a machine that was taken out before the entry that is wrong.
      this.#keep({ ...this.known, roster: longer, checkedAt: NEVER });
      throw wrongList(broken);
    }
    return this.#keep({ roster: longer, checkedAt: this.#now(), seen });
  }

  /**
   * Adds an entry.
   *
   * @param inviteKeys - of an invitation, which signs too
   * @throws PhotonError with the reason why it cannot be added
   */
  async extend(change: RosterChange, inviteKeys?: SigningPair): Promise<Roster> {
    return this.#add(() => change, inviteKeys);
  }

  /** Makes an invitation usable, for {@link INVITE_SECONDS} by the bridge's clock. @throws PhotonError */
  async invite(invitation: Invitation, isForOwner: boolean): Promise<Roster> {
    const keys = keysOf(invitation);
    const change = (now: number) => ({
      ...{ type: "invite" as const, invite: invitation.id, key: keys.publicKey, owner: isForOwner },
      expiresAt: new Date(now + INVITE_SECONDS * 1000).toISOString(),
    });
    return this.#add(change, keys);
  }

  async #add(changeAt: (now: number) => RosterChange, inviteKeys: SigningPair | undefined): Promise<Roster> {
    const now = await bridgeTime(this.#api(), { now: this.#now(), lastAt: this.known.roster.lastAt });
    for (let attempt = 1; ; attempt++) {
      const { roster } = await this.roster(0);
      const entry = signedEntry(roster, changeAt(now), { by: this.keys, inviteKeys, now });
      const extended = await followed(roster, [entry], "invalid_request"); // the reason, before the bridge is asked
      try {
        await this.#api().call("extendRoster", { body: { entry } });
        return this.#keep({ ...this.known, roster: extended, checkedAt: this.#now() }).roster;
      } catch (error) {
        const isStale = error instanceof PhotonError && error.code === "conflict";
        if (!isStale || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Another process of this machine may have followed the list further. */
  #lookAtDisk(): void {
    const { roster } = this.known;
    const disk = readRoster(this.#paths, this.keys.workerUrl);
    if (disk.roster.hashes.length > roster.hashes.length) this.#known = disk;
  }

  #keep(known: KnownRoster): KnownRoster {
    this.#known = saveRoster(this.#paths, this.keys.workerUrl, known);
    return this.#known;
  }
}
