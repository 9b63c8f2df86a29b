import { EMPTY_MACHINE_LIST, type MachineList, reservedNames } from "../../contract/follow-machine-list.ts";
import type { MachineListEntry } from "../../contract/machine-list.ts";
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

/** A machine about to join: its keys are on its disk already, so that it is still itself when an answer is lost. */
export interface Joining {
  readonly keys: OwnKeys;
  readonly name: string;
  /** Where the list of this bridge is, when this machine has followed it before. */
  readonly paths: Pick<Paths, "machineList">;
}

/** Other machines may extend the machine list at the same moment. */
const MAX_ATTEMPTS = 5;

/**
 * Makes a machine the first of a bridge.
 *
 * @param api - with the bridge's shared key
 * @throws PhotonError `conflict` when there is a first one, `internal` when this machine knows of one, or when its clock is
 * more than a day from the bridge's
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
 * Joins by an invitation. The list of machines is believed because the invitation, which is an entry of it, is signed with
 * the secret that came past the bridge.
 *
 * @param api - without a key
 * @throws PhotonError `conflict` when a machine of that name has joined, `forbidden` when the invitation does not hold,
 * `offline` when no answer came: the bridge may have taken the keys all the same; `internal` when the bridge shows less of
 * its list than this machine has seen, or another one
 */
export async function joinBridge(api: ApiClient, invitation: Invitation, joining: Joining): Promise<MachineList> {
  const { keys, name, paths } = joining;
  const now = await bridgeTime(api, ownClock(paths, keys));
  for (let attempt = 1; ; attempt++) {
    const machineList = await invitedTo(api, invitation);
    requireKnown(paths, keys, machineList);
    if (reservedNames(machineList).has(name.toLowerCase())) throw nameTaken(name);
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

async function invitedTo(api: ApiClient, invitation: Invitation): Promise<MachineList> {
  const entries: readonly MachineListEntry[] = (await api.call("invitation", { invite: invitation.id })).entries;
  const machineList = await followed(EMPTY_MACHINE_LIST, entries);
  const { publicKey } = inviteKeys(invitation);
  if (machineList.invites.some(({ id, key }) => id === invitation.id && key === publicKey)) return machineList;
  const sentence =
    "What the bridge shows is not what this invitation was made for. Nothing was joined; ask for a new line.";
  throw new PhotonError("forbidden", sentence);
}

/** What this machine has seen of the list, before it was revoked or used another bridge, must still be there. */
function requireKnown(paths: Pick<Paths, "machineList">, { workerUrl }: OwnKeys, shown: MachineList): void {
  if (!goesOnFrom(readMachineList(paths, workerUrl).machineList, shown)) throw otherList(paths);
}

function ownClock(paths: Pick<Paths, "machineList">, { workerUrl }: OwnKeys) {
  return { now: Date.now(), lastAt: readMachineList(paths, workerUrl).machineList.lastAt };
}

/** Also for a machine that was revoked: what is sent to its name by habit must not reach another one. */
function nameTaken(name: string): PhotonError {
  const sentence = `The name ${name} belongs to a machine that has joined, or was revoked: choose another one with --machine <name>.`;
  return new PhotonError("conflict", sentence);
}
