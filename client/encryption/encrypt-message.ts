import { formatAddress, isSameName, parseAddress } from "../../contract/address.ts";
import type { WorkDraft } from "../../contract/capsule.ts";
import { encryptedText, MAX_ENCRYPTED_BYTES } from "../../contract/encrypted.ts";
import { type ListedMachine, type MachineList, machineNamed } from "../../contract/follow-machine-list.ts";
import type { MessageDraft } from "../../contract/message.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { OwnKeys } from "../machines/machine-keys.ts";
import { signText } from "../machines/node-crypto.ts";
import { encryptFor } from "./age.ts";
import { formatSigned, type SignedMessage, textToSign } from "./signed-message.ts";

/**
 * The machines that a message is encrypted for: the one it is addressed to, or every one that has joined.
 *
 * @param own - this machine's fingerprint; it can read what it sent, too
 * @returns null when no machine in the list has the name
 */
export function receiversOf(machineList: MachineList, to: string | null, own: string): readonly ListedMachine[] | null {
  const name = to === null ? "*" : (parseAddress(to)?.machine ?? "*");
  const active = machineList.machines.filter(({ revokedAt }) => revokedAt === null);
  if (name === "*") return active;
  const receiver = machineNamed(machineList, name);
  return receiver ? active.filter(({ fingerprint }) => [own, receiver.fingerprint].includes(fingerprint)) : null;
}

/** An address with the name that its machine has now, where it was renamed. */
export function presentAddress({ machines }: MachineList, to: string | null): string | null {
  const address = to === null ? null : parseAddress(to);
  if (address === null || address.machine === "*") return to;
  const isNamed = (names: readonly string[]) => names.some((name) => isSameName(name, address.machine));
  const active = machines.filter(({ revokedAt }) => revokedAt === null);
  if (active.some(({ name }) => isNamed([name]))) return to;
  const renamed = active.find(({ formerNames }) => isNamed(formerNames));
  return renamed ? formatAddress({ ...address, machine: renamed.name }) : to;
}

export interface Encryption {
  readonly machineList: MachineList;
  readonly keys: OwnKeys;
  readonly receivers: readonly ListedMachine[];
  readonly order: Readonly<Record<string, number>>;
  readonly author: "person" | "agent";
  /** Milliseconds since 1970, by this machine's clock. */
  readonly sentAt: number;
  /** What the bridge is told of the work: the same, with the encrypted capsule instead of the capsule. */
  readonly work: WorkDraft | undefined;
}

/**
 * The message as it goes to the bridge: content and tags encrypted, and signed with what the bridge can see of it.
 *
 * @throws PhotonError `too_large`
 */
export async function encryptMessage(
  draft: MessageDraft & { id: string },
  encryption: Encryption,
): Promise<MessageDraft> {
  const { machineList, keys, receivers, order, author, sentAt } = encryption;
  const { id, from, to, project, kind, replyTo, session, hops, work, content, tags } = draft;
  const signed: SignedMessage = {
    ...{ v: 1, id, from, to, project, kind },
    ...(replyTo !== undefined && { replyTo }),
    ...(session !== undefined && { session }),
    ...(hops !== undefined && { hops }),
    ...(work !== undefined && { work }),
    ...{ content, tags, author, sentAt: new Date(sentAt).toISOString(), order: { ...order } },
    machineList: { length: machineList.hashes.length, head: machineList.hashes.at(-1) ?? "" },
  };
  const body = JSON.stringify(signed);
  const text = formatSigned({ by: keys.fingerprint, signature: signText(keys.signing, textToSign(body)), body });
  const recipients = receivers.map(({ sealKey }) => sealKey);
  const encrypted = encryptedText(Buffer.from(await encryptFor(recipients, Buffer.from(text))).toString("base64"));
  if (encrypted.length > MAX_ENCRYPTED_BYTES) {
    throw new PhotonError("too_large", `Encrypted, the message is larger than ${MAX_ENCRYPTED_BYTES} bytes.`);
  }
  return { ...draft, content: encrypted, tags: [], ...(encryption.work && { work: encryption.work }) };
}
