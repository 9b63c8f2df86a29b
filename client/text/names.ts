import { isSameName, MACHINE_ID, parseAddress } from "../../contract/address.ts";

/**
 * How names from elsewhere are shown where no fence stands around them: a machine by a name that fits the grammar, a
 * project only when it is this machine's own, everything else in words of ours. A project's name may be a whole sentence.
 */

/** @param own - the project of whoever looks; null in none */
export function addressName(address: string, own: string | null): string {
  const { machine, project } = parseAddress(address) ?? { machine: "", project: null };
  if (machine === "") return UNUSABLE_NAME;
  if (project === null) return machine;
  if (own !== null && isSameName(project, own)) return `${machine}/${own}`;
  return machine === "*" ? "another project" : `${machine} in another project`;
}

export function machineName(name: string): string {
  return MACHINE_ID.test(name) ? name : UNUSABLE_NAME;
}

/** The same for a person at a terminal, who may look at mail of every project: with the project that an address names. */
export function wholeAddress(address: string): string {
  return parseAddress(address) === null ? UNUSABLE_NAME : address;
}

/** The version of a Photon elsewhere: `0.6.0`, `0.7.0-rc.1`. */
export function versionName(version: string): string {
  return /^\d{1,4}(\.\d{1,4}){2}(-[a-z]{1,5}(\.\d{1,4})?)?$/.test(version) ? version : "an unknown version";
}

const UNUSABLE_NAME = "a machine with an unusable name";
