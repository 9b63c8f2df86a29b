import {
  BrokenRoster,
  followRoster,
  type Roster,
  type RosterMachine,
  signedText,
} from "../../contract/follow-roster.ts";
import type { RosterBody, RosterEntry } from "../../contract/roster.ts";
import type { ApiClient } from "../api-client.ts";
import type { Paths } from "../paths.ts";
import { PhotonError } from "../photon-error.ts";
import type { OwnKeys } from "./machine-keys.ts";
import { NODE_CRYPTO, type SigningPair, signText } from "./node-crypto.ts";
import { type KnownRoster, readRoster, saveRoster } from "./roster-file.ts";

/** Another machine may extend the roster at the same moment, a few times in a row. */
const MAX_ATTEMPTS = 5;

/** An entry without what every entry has. */
export type RosterChange = RosterBody extends infer Body
  ? Body extends RosterBody
    ? Omit<Body, "v" | "prev" | "at" | "by">
    : never
  : never;

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
   * The roster, asked for again when the last answer is older.
   *
   * @throws PhotonError when the bridge cannot be asked, or what it says does not follow from what this machine knows
   */
  async roster(maxAgeMs: number): Promise<KnownRoster> {
    const age = this.#now() - this.known.checkedAt;
    if (age >= 0 && age < maxAgeMs) return this.known;
    const { roster } = this.known;
    const { entries, seen } = await this.#api().call("roster", { query: { after: String(roster.hashes.length) } });
    return this.#keep({ roster: await followed(roster, entries), checkedAt: this.#now(), seen });
  }

  /**
   * Adds an entry.
   *
   * @param inviteKeys - of an invitation, which signs too
   * @throws PhotonError with the reason why it cannot be added
   */
  async extend(change: RosterChange, inviteKeys?: SigningPair): Promise<Roster> {
    for (let attempt = 1; ; attempt++) {
      const { roster } = await this.roster(0);
      const entry = signedEntry(roster, change, { by: this.keys, inviteKeys, now: this.#now() });
      const extended = await followed(roster, [entry], "invalid_request"); // the reason, before the bridge is asked
      try {
        await this.#api().call("extendRoster", { body: { entry } });
        this.#keep({ ...this.known, roster: extended, checkedAt: this.#now() });
        return extended;
      } catch (error) {
        const isStale = error instanceof PhotonError && error.code === "conflict";
        if (!isStale || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** A disk that takes nothing only means to ask again. */
  #keep(known: KnownRoster): KnownRoster {
    this.#known = known;
    try {
      saveRoster(this.#paths, this.keys.workerUrl, known);
    } catch {
      // said above
    }
    return known;
  }
}

interface Signing {
  readonly by: Pick<OwnKeys, "signing" | "fingerprint">;
  readonly inviteKeys?: SigningPair | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function signedEntry(
  { hashes }: Roster,
  change: RosterChange,
  { by: { signing, fingerprint }, inviteKeys, now }: Signing,
): RosterEntry {
  const common = { v: 1, prev: hashes.at(-1) ?? null, at: new Date(now).toISOString(), by: fingerprint } as const;
  const body = JSON.stringify({ ...common, ...change } satisfies RosterBody);
  const text = signedText(body);
  return {
    body,
    signature: signText(signing, text),
    ...(inviteKeys && { inviteSignature: signText(inviteKeys, text) }),
  };
}

/** @throws PhotonError when the entries are not ones that could have followed */
export async function followed(
  roster: Roster,
  entries: readonly RosterEntry[],
  code: "internal" | "invalid_request" = "internal",
): Promise<Roster> {
  let known = roster;
  for (const entry of entries) {
    try {
      known = await followRoster(known, entry, NODE_CRYPTO);
    } catch (error) {
      if (!(error instanceof BrokenRoster)) throw error;
      const sentence =
        code === "internal"
          ? `The bridge shows a list of machines that cannot be right, so nothing is sealed or opened with it. ${error.message}`
          : error.message;
      throw new PhotonError(code, sentence, { cause: error });
    }
  }
  return known;
}
