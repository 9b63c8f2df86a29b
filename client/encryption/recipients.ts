import { isSameName, MACHINE_ID, parseAddress } from "../../contract/address.ts";
import type { ListedMachine, MachineList } from "../../contract/machine-list.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import type { Membership } from "../machines/membership.ts";
import { nearestName } from "../text/nearest-name.ts";
import { presentAddress, receiversOf } from "./encrypt-message.ts";
import { allowedUnencrypted } from "./unencrypted.ts";

/** An older machine list is fetched again before a message is encrypted, because a machine may have been removed. */
const FRESH_MS = 60_000;

/** What {@link recipientsOf} needs. */
export interface RecipientLookup {
  readonly paths: Paths;
  readonly membership: Membership;
  /** The names that the bridge knows. Fetched only before a name is refused. @throws PhotonError */
  readonly namesOnBridge: () => Promise<readonly string[]>;
}

export interface Recipients {
  readonly machineList: MachineList;
  /** The address, with its machine's current name. */
  readonly to: string | null;
  /** The machines to encrypt for, including this one; null if the person allowed sending unencrypted. */
  readonly machines: readonly ListedMachine[] | null;
}

/**
 * Decides which machines a message is encrypted for, on a machine that has joined. A message stays unencrypted only if its
 * recipient has not joined and the person allowed it. Before that, and before a message to everyone or to a project, the
 * machine list is fetched again, so that a machine that has just joined can read the message.
 *
 * @param maxAgeMs - how old a machine list may be for the first search for the recipient's name
 * @throws PhotonError `invalid_request` if no machine has the name or it cannot receive the message; `unauthorized` if this
 *   machine was removed; other codes if the bridge cannot be reached
 */
export async function recipientsOf(
  { paths, membership, namesOnBridge }: RecipientLookup,
  to: string | null,
  maxAgeMs: number = FRESH_MS,
): Promise<Recipients> {
  const name = to === null ? "*" : (parseAddress(to)?.machine ?? "*");
  for (const ageMs of name === "*" ? [0] : [maxAgeMs, 0]) {
    const { machineList } = await membership.machineList(ageMs);
    if (membership.self === undefined) throw removedItself();
    const present = presentAddress(machineList, to);
    const machines = receiversOf(machineList, present, membership.keys.fingerprint);
    if (machines !== null) return { machineList, to: present, machines };
  }
  const { machineList } = membership.known;
  if (wasRemoved(machineList, name)) {
    throw refusal(
      `${name} was removed from the machine list, so it cannot receive messages. It can join again under another name (\`photon invite\`).`,
    );
  }
  const isAllowed = allowedUnencrypted(paths, membership.keys.workerUrl).some((each) => isSameName(each, name));
  if (isAllowed && !machineList.isLocked) return { machineList, to, machines: null };
  throw notJoined(name, machineList, { own: membership.keys.fingerprint, namesOnBridge: await namesOnBridge() });
}

function removedItself(): PhotonError {
  return new PhotonError("unauthorized", "This machine was removed from the bridge's machine list.");
}

function wasRemoved({ machines }: MachineList, name: string): boolean {
  return machines.some(
    (machine) =>
      machine.revokedAt !== null && [machine.name, ...machine.formerNames].some((each) => isSameName(each, name)),
  );
}

/** Shows names from the bridge only if they are valid machine names. */
function notJoined(
  name: string,
  { machines, isLocked }: MachineList,
  { own, namesOnBridge }: { readonly own: string; readonly namesOnBridge: readonly string[] },
): PhotonError {
  const known = namesOnBridge.filter((each) => MACHINE_ID.test(each));
  if (!known.some((each) => isSameName(each, name))) {
    const active = machines.filter(({ revokedAt }) => revokedAt === null);
    const isSendable = (each: string) => !machines.some((machine) => isSameName(machine.name, each));
    const others = active.filter(({ fingerprint }) => fingerprint !== own).map((machine) => machine.name);
    const meant = nearestName(name, [...others, ...known.filter(isSendable)]);
    const hint = meant === null ? "" : ` Did you mean ${meant}?`;
    return refusal(`No machine named ${name} uses this bridge.${hint} \`photon machines\` lists them.`);
  }
  if (isLocked) {
    return refusal(
      `${name} has not joined this bridge, and the shared key is switched off, so it cannot read messages. \`photon invite\` lets it join.`,
    );
  }
  return refusal(
    `${name} has not joined this bridge, so a message to it would not be encrypted. ` +
      `\`photon invite\` lets it join; to send unencrypted, a person runs \`photon machines unencrypted ${name} allow\` in a terminal.`,
  );
}

function refusal(sentence: string): PhotonError {
  return new PhotonError("invalid_request", sentence);
}
