import { reservedNames } from "../../contract/follow-machine-list.ts";
import type { MachineListEntry } from "../../contract/machine-list.ts";
import { EMPTY_MACHINE_LIST, type MachineList } from "../../contract/machine-list.ts";
import type { ApiClient } from "../bridge/api-client.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";
import { bridgeTime } from "./bridge-time.ts";
import { followed } from "./follow-entries.ts";
import { type Invitation, inviteKeys } from "./invite-line.ts";
import { type OwnKeys, publicKeysOf } from "./machine-keys.ts";
import { goesOnFrom, otherList, readMachineList } from "./machine-list-file.ts";
import { signedEntry } from "./signed-entry.ts";

/** A machine that is about to join. Its keys are already stored, so that it can continue if an answer is lost. */
export interface Joining {
  readonly keys: OwnKeys;
  readonly name: string;
  /** The file with the machine list, if this machine has followed it before. */
  readonly paths: Pick<Paths, "machineList">;
}

/** Other machines may extend the machine list at the same time. */
const MAX_ATTEMPTS = 5;

/**
 * Makes a machine the first one of a bridge.
 *
 * @param api - with the bridge's shared key
 * @throws PhotonError `conflict` if the bridge already has one; `internal` if this machine knows of one, or the clocks differ
 *   by more than a day
 */
export async function foundMachineList(api: ApiClient, { keys, name, paths }: Joining): Promise<MachineList> {
  requireKnown(paths, keys, EMPTY_MACHINE_LIST);
  const now = await bridgeTime(api, ownClock(paths, keys));
  const change = { type: "found", machine: publicKeysOf(keys, name) } as const;
  const entry = signedEntry(EMPTY_MACHINE_LIST, change, { by: keys, now });
  const machineList = await followed(EMPTY_MACHINE_LIST, [entry]);
  await api.call("extendMachineList", { body: { entry, keyHash: sha256Hex(keys.machineKey) } });
  return machineList;
}

/**
 * Joins with an invitation. The machine list can be trusted because it contains the invitation, which is signed with a key
 * derived from the secret, and the bridge does not know the secret.
 *
 * @param api - without a key
 * @throws PhotonError `conflict` if the name is reserved; `forbidden` if the invitation is invalid; `offline` if no answer
 *   came, in which case the bridge may have added the machine; `internal` if the bridge shows a shorter or different list than
 *   this machine has seen
 */
export async function joinBridge(api: ApiClient, invitation: Invitation, joining: Joining): Promise<MachineList> {
  const { keys, name, paths } = joining;
  const now = await bridgeTime(api, ownClock(paths, keys));
  for (let attempt = 1; ; attempt++) {
    const machineList = await invitedTo(api, invitation);
    requireKnown(paths, keys, machineList);
    if (reservedNames(machineList).has(name.toLowerCase())) throw new NameTaken(name);
    const change = { type: "join", invite: invitation.id, machine: publicKeysOf(keys, name) } as const;
    const entry = signedEntry(machineList, change, { by: keys, inviteKeys: inviteKeys(invitation), now });
    const joined = await followed(machineList, [entry], "invalid_request");
    try {
      await api.call("join", { invite: invitation.id, body: { entry, keyHash: sha256Hex(keys.machineKey) } });
      return joined;
    } catch (error) {
      const mayRepeat = error instanceof PhotonError && error.code === "conflict";
      if (!mayRepeat || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Finds out whether an invitation can still be used, without using it. @throws PhotonError that says why not */
export async function requireOpen(api: ApiClient, invitation: Invitation): Promise<void> {
  await invitedTo(api, invitation);
}

async function invitedTo(api: ApiClient, invitation: Invitation): Promise<MachineList> {
  const entries: readonly MachineListEntry[] = (await api.call("invitation", { invite: invitation.id })).entries;
  const machineList = await followed(EMPTY_MACHINE_LIST, entries);
  const { publicKey } = inviteKeys(invitation);
  if (machineList.invites.some(({ id, key }) => id === invitation.id && key === publicKey)) return machineList;
  const sentence =
    "The bridge's machine list does not contain this invitation, so this machine did not join. Ask for a new invitation.";
  throw new PhotonError("forbidden", sentence);
}

/** The entries that this machine saw earlier (before it was revoked or used another bridge) must still be in the list. */
function requireKnown(paths: Pick<Paths, "machineList">, { workerUrl }: OwnKeys, shown: MachineList): void {
  if (!goesOnFrom(readMachineList(paths, workerUrl).machineList, shown)) throw otherList(paths);
}

function ownClock(paths: Pick<Paths, "machineList">, { workerUrl }: OwnKeys) {
  return { now: Date.now(), lastAt: readMachineList(paths, workerUrl).machineList.lastAt };
}

/** Names of revoked machines are reserved too: a message addressed out of habit must not reach another machine. */
export class NameTaken extends PhotonError {
  constructor(name: string) {
    super("conflict", `Another machine has or had the name ${name}. Choose another one with \`--machine <name>\`.`);
  }
}
