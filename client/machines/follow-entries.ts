import { BrokenRoster, followRoster, type Roster } from "../../contract/follow-roster.ts";
import type { RosterEntry } from "../../contract/roster.ts";
import { PhotonError } from "../bridge/photon-error.ts";

/** How far entries could be followed. */
export interface Followed {
  /** With every entry before the first that does not belong there. */
  readonly roster: Roster;
  /** Why the next one does not; null when all of them could be followed. */
  readonly broken: BrokenRoster | null;
}

/** Follows entries as far as they can be followed. The cryptography is loaded when there is the first entry to check. */
export async function followEntries(roster: Roster, entries: readonly RosterEntry[]): Promise<Followed> {
  if (entries.length === 0) return { roster, broken: null };
  const { STRICT_CRYPTO } = await import("../../contract/strict-crypto.ts");
  let known = roster;
  for (const entry of entries) {
    try {
      known = followRoster(known, entry, STRICT_CRYPTO);
    } catch (error) {
      if (!(error instanceof BrokenRoster)) throw error;
      return { roster: known, broken: error };
    }
  }
  return { roster: known, broken: null };
}

/** @throws PhotonError when the entries are not ones that could have followed */
export async function followed(
  roster: Roster,
  entries: readonly RosterEntry[],
  code: "internal" | "invalid_request" = "internal",
): Promise<Roster> {
  const { roster: known, broken } = await followEntries(roster, entries);
  if (broken === null) return known;
  throw code === "internal" ? wrongList(broken) : new PhotonError(code, broken.message, { cause: broken });
}

/** What the bridge shows cannot be true, whatever its reason. */
export function wrongList(cause: BrokenRoster): PhotonError {
  return new PhotonError(
    "internal",
    `The bridge shows a machine list that cannot be right, so nothing is encrypted or opened with it. ${cause.message}`,
    { cause },
  );
}
