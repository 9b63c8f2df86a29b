import { BrokenMachineList, followMachineList, type MachineList } from "../../contract/follow-machine-list.ts";
import type { MachineListEntry } from "../../contract/machine-list.ts";
import { PhotonError } from "../bridge/photon-error.ts";

/** How far entries could be followed. */
export interface Followed {
  /** With every entry before the first that does not belong there. */
  readonly machineList: MachineList;
  /** Why the next one does not; null when all of them could be followed. */
  readonly broken: BrokenMachineList | null;
}

/** Follows entries as far as they can be followed. The cryptography is loaded when there is the first entry to check. */
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

/** @throws PhotonError when the entries are not ones that could have followed */
export async function followed(
  machineList: MachineList,
  entries: readonly MachineListEntry[],
  code: "internal" | "invalid_request" = "internal",
): Promise<MachineList> {
  const { machineList: known, broken } = await followEntries(machineList, entries);
  if (broken === null) return known;
  throw code === "internal" ? wrongList(broken) : new PhotonError(code, broken.message, { cause: broken });
}

/** What the bridge shows cannot be true, whatever its reason. */
export function wrongList(cause: BrokenMachineList): PhotonError {
  return new PhotonError(
    "internal",
    `The bridge shows a machine list that cannot be right, so nothing is encrypted or opened with it. ${cause.message}`,
    { cause },
  );
}
