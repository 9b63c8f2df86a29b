import { ApiClient } from "../../../client/bridge/api-client.ts";
import { PhotonError } from "../../../client/bridge/photon-error.ts";
import type { OwnKeys } from "../../../client/machines/machine-keys.ts";
import type { SigningPair } from "../../../client/machines/node-crypto.ts";
import { type RosterChange, signedEntry } from "../../../client/machines/signed-entry.ts";
import { EMPTY_ROSTER, followRoster, type Roster } from "../../../contract/follow-roster.ts";
import type { RosterEntry } from "../../../contract/roster.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";
import { TEST_BRIDGE } from "./members.ts";

/** The clock of the far end, in milliseconds since 1970. */
export const FAR_NOW = Date.parse("2026-11-23T09:00:00.000Z");

interface Input {
  readonly body?: { readonly entry: RosterEntry };
  readonly query?: { readonly after: string };
}

/** The far end: a bridge that keeps entries, in memory. */
export class FarEnd {
  entries: RosterEntry[] = [];
  roster: Roster = EMPTY_ROSTER;
  now = FAR_NOW;
  /** A dishonest one shows no more entries than so many. */
  shown = Number.MAX_SAFE_INTEGER;
  /** Calls whose answer gets lost, after they were done. */
  answersToLose = 0;
  beforeJoin: () => Promise<void> = async () => {};

  readonly api: ApiClient = Object.create(new ApiClient({ workerUrl: TEST_BRIDGE, apiKey: null }), {
    call: { value: (name: string, input: Input = {}) => this.#call(name, input) },
  });

  async add(by: OwnKeys, change: RosterChange, invite?: SigningPair): Promise<void> {
    await this.#append(signedEntry(this.roster, change, { by, inviteKeys: invite, now: FAR_NOW }));
  }

  async #append(entry: RosterEntry): Promise<void> {
    this.roster = followRoster(this.roster, entry, STRICT_CRYPTO);
    this.entries.push(entry);
  }

  async #call(name: string, { body, query }: Input): Promise<unknown> {
    if (name === "health") return { timestamp: new Date(this.now).toISOString() };
    if (name === "roster") return { entries: this.entries.slice(Number(query?.after ?? 0), this.shown), seen: [] };
    if (name === "invitation") {
      if (this.roster.invites.some(({ isUsed }) => isUsed)) throw new PhotonError("forbidden", "It was used.");
      return { entries: this.entries.slice(0, this.shown) };
    }
    if (!body) throw new TypeError(`The test's bridge has no ${name}.`);
    await this.beforeJoin();
    try {
      await this.#append(body.entry);
    } catch {
      throw new PhotonError("conflict", "The entry follows another one.");
    }
    if (this.answersToLose-- > 0) throw new PhotonError("offline", "The answer was lost.");
    return { length: this.entries.length, head: "" };
  }
}
