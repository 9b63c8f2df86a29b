import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { fingerprintWords } from "../../client/machines/fingerprint-words.ts";
import { foundMachineList } from "../../client/machines/join-bridge.ts";
import type { OwnKeys } from "../../client/machines/machine-keys.ts";
import type { ReadyConfig } from "../../client/settings/config.ts";
import { MACHINE_KEY } from "../../contract/machine-list.ts";
import { becomeMember, knownMember, type Member, withApi } from "./membership.ts";

interface AsFirst {
  /** null: the machine uses the shared key. */
  readonly member: Member | null;
  readonly sentence: string;
}

/**
 * Joins a bridge that has no machines yet. At any other bridge a machine needs an invitation.
 *
 * @returns null if the bridge is older than 0.5, or if the settings already have a joined machine's key
 */
export async function joinAsFirst(
  paths: Paths,
  { workerUrl, apiKey, machine: name }: ReadyConfig,
): Promise<AsFirst | null> {
  if (MACHINE_KEY.test(apiKey)) return null;
  const known = await knownMember(paths, workerUrl);
  if (known) return { member: known, sentence: "It had joined before and uses its own keys again." };
  try {
    return await withApi(workerUrl, apiKey, async (api) => {
      if ((await api.call("machineList")).entries.length > 0) return { member: null, sentence: SHARED };
      const found = (keys: OwnKeys) => foundMachineList(api, { keys, name, paths });
      const member = await becomeMember(paths, workerUrl, found);
      const words = fingerprintWords(member.self.fingerprint);
      return {
        member,
        sentence: `It is the first machine of this bridge and has its own keys. Their fingerprint in words: ${words}\nTo let another machine join, run \`photon invite\`.`,
      };
    });
  } catch (error) {
    if (error instanceof PhotonError && error.code === "not_found") return null;
    if (error instanceof PhotonError && error.code === "conflict") return { member: null, sentence: SHARED };
    throw error;
  }
}

const SHARED =
  "It uses the shared key: other machines see its messages as unverified, and it cannot read encrypted messages. To let it join, run `photon invite` on a joined machine, and `photon join <line>` here.";
