import { formatAddress, isSameName, parseAddress } from "../../contract/address.ts";
import type { WorkDraft } from "../../contract/capsule.ts";
import { encryptedText, MAX_ENCRYPTED_BYTES } from "../../contract/encrypted.ts";
import { machineNamed } from "../../contract/follow-machine-list.ts";
import type { ListedMachine, MachineList } from "../../contract/machine-list.ts";
import type { MessageDraft } from "../../contract/message.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { OwnKeys } from "../machines/machine-keys.ts";
import { signText } from "../machines/node-crypto.ts";
import { encryptFor } from "./age.ts";
import { formatSigned, type SignedMessage, textToSign } from "./signed-message.ts";

/**
 * The machines that a message is encrypted for: the addressed machine and this one, or every machine that has joined.
 *
 * @param own - this machine's fingerprint, included so that it can read what it sent
 * @returns null if no machine in the list has the name
 */
export function receiversOf(machineList: MachineList, to: string | null, own: string): readonly ListedMachine[] | null {
  const name = to === null ? "*" : (parseAddress(to)?.machine ?? "*");
  const active = machineList.machines.filter(({ revokedAt }) => revokedAt === null);
  if (name === "*") return active;
  const receiver = machineNamed(machineList, name);
  return receiver ? active.filter(({ fingerprint }) => [own, receiver.fingerprint].includes(fingerprint)) : null;
}

/** The address with its machine's current name, if the machine was renamed. */
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
  /** The `work` that the bridge sees: it names the encrypted capsule instead of the plain one. */
  readonly work: WorkDraft | undefined;
}

/**
 * Encrypts a message's content and tags, and signs them together with everything that the bridge can see.
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
    v: 1,
    id,
    from,
    to,
    project,
    kind,
    ...(replyTo !== undefined && { replyTo }),
    ...(session !== undefined && { session }),
    ...(hops !== undefined && { hops }),
    ...(work !== undefined && { work }),
    content,
    tags,
    author,
    sentAt: new Date(sentAt).toISOString(),
    roster: { length: machineList.hashes.length, head: machineList.hashes.at(-1) ?? "" },
    order: { ...order },
  };
  const body = JSON.stringify(signed);
  const text = formatSigned({ by: keys.fingerprint, signature: signText(keys.signing, textToSign(body)), body });
  const recipients = receivers.map(({ sealKey }) => sealKey);
  const encrypted = encryptedText(Buffer.from(await encryptFor(recipients, Buffer.from(text))).toString("base64"));
  if (encrypted.length > MAX_ENCRYPTED_BYTES) {
    throw new PhotonError("too_large", `The encrypted message is larger than ${MAX_ENCRYPTED_BYTES} bytes.`);
  }
  return { ...draft, content: encrypted, tags: [], ...(encryption.work && { work: encryption.work }) };
}
