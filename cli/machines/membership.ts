import { ApiClient } from "../../client/bridge/api-client.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { newKeys, type OwnKeys, readKeys, saveKeys } from "../../client/machines/machine-keys.ts";
import { saveMachineList } from "../../client/machines/machine-list-file.ts";
import { Membership } from "../../client/machines/membership.ts";
import { machineNamed } from "../../contract/follow-machine-list.ts";
import type { ListedMachine, MachineList } from "../../contract/machine-list.ts";
import { CommandFailed } from "../../screens/failure.ts";
import type { CliContext } from "../context.ts";

/** A machine that has joined. */
export interface Member {
  readonly keys: OwnKeys;
  readonly self: ListedMachine;
}

/**
 * This machine, if the bridge accepts its keys. It does so even if this machine never got the answer to its joining.
 *
 * @returns null if this machine has no keys for this bridge, or if the bridge does not accept them
 * @throws PhotonError if the bridge cannot be asked
 */
export async function knownMember(paths: Paths, workerUrl: string): Promise<Member | null> {
  const keys = readKeys(paths, workerUrl);
  if (keys === null) return null;
  try {
    // Starts from the list that this machine has verified: the bridge must not return a shorter or a different one.
    return await withApi(workerUrl, keys.machineKey, async (api) => {
      const membership = new Membership(paths, keys, () => api, Date.now);
      await membership.machineList(0);
      const { self } = membership;
      return self ? { keys, self } : null;
    });
  } catch (error) {
    if (error instanceof PhotonError && ["unauthorized", "not_found"].includes(error.code)) return null;
    throw error;
  }
}

/**
 * Creates keys for this machine and joins. The keys are on disk before the bridge gets to know them.
 *
 * @param act - sends the keys to the bridge
 * @throws PhotonError; the file system's own error
 */
export async function becomeMember(
  paths: Paths,
  workerUrl: string,
  act: (keys: OwnKeys) => Promise<MachineList>,
): Promise<Member> {
  const keys = await newKeys(workerUrl);
  saveKeys(paths, keys);
  const joined = await joinedBy(paths, keys, act);
  if (joined === null) throw new TypeError("A machine that joined is not in the machine list.");
  return joined;
}

/** If the answer was lost, the bridge may know the keys anyway. Using the invitation again would count as a wrong attempt. */
async function joinedBy(
  paths: Paths,
  keys: OwnKeys,
  act: (keys: OwnKeys) => Promise<MachineList>,
): Promise<Member | null> {
  try {
    return member(paths, keys, await act(keys));
  } catch (error) {
    if (!(error instanceof PhotonError) || error.code !== "offline") throw error;
    const known = await knownMember(paths, keys.workerUrl).catch(() => null);
    if (known === null) throw error;
    return known;
  }
}

function member(paths: Paths, keys: OwnKeys, machineList: MachineList): Member | null {
  const self = machineList.machines.find((each) => each.fingerprint === keys.fingerprint && each.revokedAt === null);
  if (!self) return null;
  saveMachineList(paths, keys.workerUrl, { machineList, checkedAt: Date.now(), seen: [] });
  return { keys, self };
}

/** Calls a bridge with a key that is not in the settings, or with none. */
export async function withApi<Result>(
  workerUrl: string,
  apiKey: string | null,
  call: (api: ApiClient) => Promise<Result>,
): Promise<Result> {
  const api = new ApiClient({ workerUrl, apiKey });
  try {
    return await call(api);
  } finally {
    await api.close().catch(() => undefined);
  }
}

/** @throws CommandFailed if this machine has not joined, or was revoked */
export function requireMembership({ mailbox }: CliContext): Membership {
  const { membership } = mailbox;
  if (membership !== null) return membership;
  const sentence =
    "This machine has not joined its bridge. Run `photon join <line>`, with a line that `photon invite` prints on a joined machine. The first machine joins with `photon setup`.";
  throw new CommandFailed("refused", sentence);
}

/** @throws CommandFailed if no machine in the machine list has this name */
export function machineCalled(machineList: MachineList, name: string): ListedMachine {
  const machine = machineNamed(machineList, name);
  if (machine) return machine;
  throw new CommandFailed("not_found", "No machine with that name has joined. `photon machines` lists them.");
}
