import { ApiClient } from "../../../client/bridge/api-client.ts";
import { PhotonError } from "../../../client/bridge/photon-error.ts";
import type { OwnKeys } from "../../../client/machines/machine-keys.ts";
import type { SigningPair } from "../../../client/machines/node-crypto.ts";
import { type MachineListChange, signedEntry } from "../../../client/machines/signed-entry.ts";
import { followMachineList } from "../../../contract/follow-machine-list.ts";
import type { MachineListEntry } from "../../../contract/machine-list.ts";
import { EMPTY_MACHINE_LIST, type MachineList } from "../../../contract/machine-list.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";
import { TEST_BRIDGE } from "./members.ts";

/** The far end's clock, in milliseconds since 1970. */
export const FAR_NOW = Date.parse("2026-11-23T09:00:00.000Z");

interface Input {
  readonly body?: { readonly entry: MachineListEntry };
  readonly query?: { readonly after: string };
}

/** The far end: a bridge that keeps entries, in memory. */
export class FarEnd {
  entries: MachineListEntry[] = [];
  machineList: MachineList = EMPTY_MACHINE_LIST;
  now = FAR_NOW;
  /** Most entries that it shows, to imitate a dishonest bridge. */
  shown = Number.MAX_SAFE_INTEGER;
  /** How many of the next calls succeed but lose their answer. */
  answersToLose = 0;
  beforeJoin: () => Promise<void> = async () => {};

  readonly api: ApiClient = Object.create(new ApiClient({ workerUrl: TEST_BRIDGE, apiKey: null }), {
    call: { value: (name: string, input: Input = {}) => this.#call(name, input) },
  });

  async add(by: OwnKeys, change: MachineListChange, invite?: SigningPair): Promise<void> {
    await this.#append(signedEntry(this.machineList, change, { by, inviteKeys: invite, now: FAR_NOW }));
  }

  async #append(entry: MachineListEntry): Promise<void> {
    this.machineList = followMachineList(this.machineList, entry, STRICT_CRYPTO);
    this.entries.push(entry);
  }

  async #call(name: string, { body, query }: Input): Promise<unknown> {
    if (name === "health") return { timestamp: new Date(this.now).toISOString() };
    if (name === "machineList") return { entries: this.entries.slice(Number(query?.after ?? 0), this.shown), seen: [] };
    if (name === "invitation") {
      if (this.machineList.invites.some(({ isUsed }) => isUsed))
        throw new PhotonError("forbidden", "The invitation was used.");
      return { entries: this.entries.slice(0, this.shown) };
    }
    if (!body) throw new TypeError(`The test bridge does not implement ${name}.`);
    await this.beforeJoin();
    try {
      await this.#append(body.entry);
    } catch {
      throw new PhotonError("conflict", "The entry does not follow the last one.");
    }
    if (this.answersToLose-- > 0) throw new PhotonError("offline", "The answer was lost.");
    return { length: this.entries.length, head: "" };
  }
}
