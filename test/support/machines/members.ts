import { inviteKeys, newInvitation } from "../../../client/machines/invite-line.ts";
import { newKeys, type OwnKeys, publicKeysOf } from "../../../client/machines/machine-keys.ts";
import type { SigningPair } from "../../../client/machines/node-crypto.ts";
import { type MachineListChange, signedEntry } from "../../../client/machines/signed-entry.ts";
import { followMachineList } from "../../../contract/follow-machine-list.ts";
import { EMPTY_MACHINE_LIST, INVITE_SECONDS, type MachineList } from "../../../contract/machine-list.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";

export const TEST_BRIDGE = "http://bridge.test";

/** A machine list of really signed entries, made without a bridge. */
export class Members {
  machineList: MachineList = EMPTY_MACHINE_LIST;
  readonly #now: number;

  /** @param now - milliseconds since 1970 */
  constructor(now: number = Date.parse("2026-11-23T09:00:00.000Z")) {
    this.#now = now;
  }

  /** The first machine. */
  async found(name: string): Promise<OwnKeys> {
    const keys = await newKeys(TEST_BRIDGE);
    await this.add(keys, { type: "found", machine: publicKeysOf(keys, name) });
    return keys;
  }

  async join(name: string, by: OwnKeys, owner = false): Promise<OwnKeys> {
    const keys = await newKeys(TEST_BRIDGE);
    const invitation = newInvitation(TEST_BRIDGE);
    const invite = inviteKeys(invitation);
    const expiresAt = new Date(this.#now + INVITE_SECONDS * 1000).toISOString();
    const { id } = invitation;
    await this.add(by, { type: "invite", invite: id, key: invite.publicKey, expiresAt, owner }, invite);
    await this.add(keys, { type: "join", invite: id, machine: publicKeysOf(keys, name) }, invite);
    return keys;
  }

  async add(by: OwnKeys, change: MachineListChange, invite?: SigningPair): Promise<void> {
    const entry = signedEntry(this.machineList, change, { by, inviteKeys: invite, now: this.#now });
    this.machineList = followMachineList(this.machineList, entry, STRICT_CRYPTO);
  }
}
