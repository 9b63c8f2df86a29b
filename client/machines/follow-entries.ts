import { BrokenMachineList, followMachineList } from "../../contract/follow-machine-list.ts";
import type { MachineList, MachineListEntry } from "../../contract/machine-list.ts";
import { PhotonError } from "../bridge/photon-error.ts";

/** The result of following entries. */
export interface Followed {
  /** The list with every entry before the first invalid one. */
  readonly machineList: MachineList;
  /** Why the next entry is invalid; null if all are valid. */
  readonly broken: BrokenMachineList | null;
}

/** Follows entries up to the first invalid one. Loads the cryptography only if there is an entry to check. */
export async function followEntries(machineList: MachineList, entries: readonly MachineListEntry[]): Promise<Followed> {
  if (entries.length === 0) return { machineList, broken: null };
  const { STRICT_CRYPTO } = await import("../../contract/strict-crypto.ts");
  let known = machineList;
  for (const entry of entries) {
    try {
      known = followMachineList(known, entry, STRICT_CRYPTO);
    } catch (error) {
      if (!(error instanceof BrokenMachineList)) throw error;
      return { machineList: known, broken: error };
    }
  }
  return { machineList: known, broken: null };
}

/** @throws PhotonError if an entry is invalid */
export async function followed(
  machineList: MachineList,
  entries: readonly MachineListEntry[],
  code: "internal" | "invalid_request" = "internal",
): Promise<MachineList> {
  const { machineList: known, broken } = await followEntries(machineList, entries);
  if (broken === null) return known;
  throw code === "internal" ? wrongList(broken) : new PhotonError(code, broken.message, { cause: broken });
}

/** The error for an invalid machine list from the bridge. */
export function wrongList(cause: BrokenMachineList): PhotonError {
  return new PhotonError(
    "internal",
    `The bridge shows a machine list that cannot be right, so nothing is encrypted or decrypted with it. ${cause.message}`,
    { cause },
  );
}
