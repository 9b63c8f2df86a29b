import { isSameName, MACHINE_ID, parseAddress } from "../../contract/address.ts";
import type { SeenMachine } from "../../contract/api.ts";

/**
 * An address from elsewhere, safe to show outside a fence: a machine by its valid name, a project only if it is the
 * reader's own, everything else in our own words. A project's name could be a whole sentence.
 *
 * @param own - the reader's project; null for none
 */
export function addressName(address: string, own: string | null): string {
  const { machine, project } = parseAddress(address) ?? { machine: "", project: null };
  if (machine === "") return UNUSABLE_NAME;
  if (project === null) return machine;
  if (own !== null && isSameName(project, own)) return `${machine}/${own}`;
  return machine === "*" ? "another project" : `${machine} in another project`;
}

/** The machine that has a name, or had it before it was renamed. */
export function seenMachine<Seen extends Pick<SeenMachine, "machine" | "formerNames">>(
  machines: readonly Seen[],
  name: string,
): Seen | undefined {
  return machines.find((machine) => allNames(machine).some((each) => isSameName(each, name)));
}

/** A machine's present name, then its former ones. An older bridge gives no former names. */
export function allNames({ machine, formerNames = [] }: Pick<SeenMachine, "machine" | "formerNames">): string[] {
  return [machine, ...formerNames];
}

export function machineName(name: string): string {
  return MACHINE_ID.test(name) ? name : UNUSABLE_NAME;
}

/** A valid address with its project. Only for a person at a terminal, who may see mail of every project. */
export function wholeAddress(address: string): string {
  return parseAddress(address) === null ? UNUSABLE_NAME : address;
}

/** Another machine's version of Photon, if it is valid: `0.6.0`, `0.7.0-rc.1`. */
export function versionName(version: string): string {
  return /^\d{1,4}(\.\d{1,4}){2}(-[a-z]{1,5}(\.\d{1,4})?)?$/.test(version) ? version : "an unknown version";
}

const UNUSABLE_NAME = "a machine with an unusable name";
