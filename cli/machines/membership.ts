import { ApiClient } from "../../client/bridge/api-client.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { newKeys, type OwnKeys, readKeys, saveKeys } from "../../client/machines/machine-keys.ts";
import { saveMachineList } from "../../client/machines/machine-list-file.ts";
import { Membership } from "../../client/machines/membership.ts";
import { type ListedMachine, type MachineList, machineNamed } from "../../contract/follow-machine-list.ts";
import type { CliContext } from "../context.ts";
import { CommandFailed } from "../terminal/command-failed.ts";

/** A machine that has joined. */
export interface Member {
  readonly keys: OwnKeys;
  readonly self: ListedMachine;
}

/**
 * This machine, when the bridge knows the keys that it has: also after a joining whose last answer was lost.
 *
 * @returns null when it has none for this bridge, or the bridge does not take them
 * @throws PhotonError when the bridge cannot say
 */
export async function knownMember(paths: Paths, workerUrl: string): Promise<Member | null> {
  const keys = readKeys(paths, workerUrl);
  if (keys === null) return null;
  try {
    // On from what this machine has followed: a bridge must not show less of it, or something else.
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
 * Makes this machine one of those that joined. Its keys are on its disk before the bridge hears of them.
 *
 * @param act - tells the bridge
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

/** Where the answer was lost the bridge may know the keys all the same; asking by the invitation again would be a wrong try. */
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

/** Calls a bridge with another key than that of the settings, or none. */
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

/** @throws CommandFailed when this machine has not joined, or was revoked */
export function requireMembership({ mailbox }: CliContext): Membership {
  const { membership } = mailbox;
  if (membership !== null) return membership;
  const sentence =
    "This machine has not joined its bridge: `photon join <line>`, with a line that `photon invite` prints on one that has; the first machine joins by `photon setup`.";
  throw new CommandFailed("refused", sentence);
}

/** @throws CommandFailed for a name that no machine in the machine list has */
export function machineCalled(machineList: MachineList, name: string): ListedMachine {
  const machine = machineNamed(machineList, name);
  if (machine) return machine;
  throw new CommandFailed("not_found", "No machine of that name has joined: `photon machines` lists them.");
}
