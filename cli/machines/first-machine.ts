import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { fingerprintWords } from "../../client/machines/fingerprint-words.ts";
import { foundMachineList } from "../../client/machines/join-bridge.ts";
import type { OwnKeys } from "../../client/machines/machine-keys.ts";
import type { ReadyConfig } from "../../client/settings/config.ts";
import { MACHINE_KEY } from "../../contract/machine-list.ts";
import { becomeMember, knownMember, type Member, withApi } from "./membership.ts";

interface AsFirst {
  /** null: it goes on with the shared key. */
  readonly member: Member | null;
  readonly sentence: string;
}

/**
 * A bridge without machines gets its first one; at another it takes an invitation.
 *
 * @returns null on a bridge of before 0.5, or for a machine that has joined
 */
export async function joinAsFirst(
  paths: Paths,
  { workerUrl, apiKey, machine: name }: ReadyConfig,
): Promise<AsFirst | null> {
  if (MACHINE_KEY.test(apiKey)) return null;
  const known = await knownMember(paths, workerUrl);
  if (known) return { member: known, sentence: "It has joined before, and has keys of its own." };
  try {
    return await withApi(workerUrl, apiKey, async (api) => {
      if ((await api.call("machineList")).entries.length > 0) return { member: null, sentence: SHARED };
      const found = (keys: OwnKeys) => foundMachineList(api, { keys, name, paths });
      const member = await becomeMember(paths, workerUrl, found);
      const words = fingerprintWords(member.self.fingerprint);
      return {
        member,
        sentence: `It is the first here, with keys of its own: ${words}\nLet the next one join: photon invite`,
      };
    });
  } catch (error) {
    if (error instanceof PhotonError && error.code === "not_found") return null;
    if (error instanceof PhotonError && error.code === "conflict") return { member: null, sentence: SHARED };
    throw error;
  }
}

const SHARED =
  "It uses the shared key, so others see what it sends as unverified, and what is encrypted it cannot read. Better: `photon invite` on a machine that has joined, and `photon join <line>` here.";
