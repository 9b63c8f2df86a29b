import { isSameName, MACHINE_ID, parseAddress } from "../../contract/address.ts";
import type { ListedMachine, MachineList } from "../../contract/follow-machine-list.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import type { Membership } from "../machines/membership.ts";
import { nearestName } from "../text/nearest-name.ts";
import { presentAddress, receiversOf } from "./encrypt-message.ts";
import { allowedUnencrypted } from "./unencrypted.ts";

/** An older machine list is asked for again before a message is encrypted with it: a machine may have been removed. */
const FRESH_MS = 60_000;

/** What decides who may be sent what. */
export interface Deciding {
  readonly paths: Paths;
  readonly membership: Membership;
  /** The names that the bridge has heard of; asked for only before a name is refused. @throws PhotonError */
  readonly namesOnBridge: () => Promise<readonly string[]>;
}

export interface Recipients {
  readonly machineList: MachineList;
  /** The address as it is now, where its machine was renamed. */
  readonly to: string | null;
  /** Whom the message is encrypted for, this machine included; null: the person allowed it unencrypted. */
  readonly machines: readonly ListedMachine[] | null;
}

/**
 * Decides whom a message of a machine that has joined is encrypted for. It leaves unencrypted only to a machine that has
 * not joined and that the person has allowed; the machine list is asked for again before that, and before a message to
 * everyone or a project, so that a machine that has just joined can read it.
 *
 * @throws PhotonError `invalid_request` for a name that nobody has, or that cannot be sent to; `unauthorized` when this
 * machine was removed; others when the bridge cannot be asked
 * @param maxAgeMs - how old the list may be in which a machine's name is looked for first
 */
export async function recipientsOf(
  { paths, membership, namesOnBridge }: Deciding,
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
      `${name} was removed from the machine list, so nothing is sent to it. It can join again under another name (\`photon invite\`).`,
    );
  }
  const isAllowed = allowedUnencrypted(paths, membership.keys.workerUrl).some((each) => isSameName(each, name));
  if (isAllowed && !machineList.isLocked) return { machineList, to, machines: null };
  throw notJoined(name, machineList, await namesOnBridge());
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

/** Names from the bridge are shown only when they can be names. */
function notJoined(name: string, { machines, isLocked }: MachineList, namesOnBridge: readonly string[]): PhotonError {
  const known = namesOnBridge.filter((each) => MACHINE_ID.test(each));
  if (!known.some((each) => isSameName(each, name))) {
    const active = machines.filter(({ revokedAt }) => revokedAt === null);
    const isSendable = (each: string) => !machines.some((machine) => isSameName(machine.name, each));
    const meant = nearestName(name, [...active.map((machine) => machine.name), ...known.filter(isSendable)]);
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
