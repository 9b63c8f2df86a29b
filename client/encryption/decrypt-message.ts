import { isSameName, parseAddress } from "../../contract/address.ts";
import { encryptedPart } from "../../contract/encrypted.ts";
import type { ListedMachine, MachineList } from "../../contract/machine-list.ts";
import type { Message } from "../../contract/message.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { OwnKeys } from "../machines/machine-keys.ts";
import { CannotDecrypt, decryptWith } from "./age.ts";
import { parseSigned, SignedMessage, type SignedText, textToSign } from "./signed-message.ts";

/** The result of opening an encrypted message. `why` is our own text, for a person. */
export type OpenedMessage =
  | { readonly state: "verified"; readonly signed: SignedMessage; readonly sender: ListedMachine }
  /** `mayBeStale`: the machine list does not have the signer, or not under this name. A newer list may. */
  | { readonly state: "forged"; readonly why: string; readonly mayBeStale?: true }
  | { readonly state: "unreadable"; readonly why: string };

/**
 * Decrypts a message, and verifies its sender and everything that the bridge says about it. Does not check whether the
 * sender was revoked; the caller does.
 *
 * @param machineList - as this machine has followed it
 * @returns null if the message is not encrypted
 */
export async function openMessage(
  message: Message,
  machineList: MachineList,
  keys: OwnKeys,
): Promise<OpenedMessage | null> {
  const base64 = encryptedPart(message.content);
  if (base64 === null) return null;
  let text: SignedText | null;
  try {
    text = parseSigned(Buffer.from(await decryptWith(keys.identity, Buffer.from(base64, "base64"))).toString());
  } catch (error) {
    if (!(error instanceof CannotDecrypt)) throw error;
    const others = "encrypted for other machines; this one joined later or is not a recipient";
    return { state: "unreadable", why: error.isForOthers ? others : "damaged or cut short on its way" };
  }
  const signed = text && SignedMessage.safeParse(parseJson(text.body)).data;
  if (!text || !signed) return { state: "unreadable", why: "encrypted in a format that this version does not know" };
  const signer = machineList.machines.find(({ fingerprint }) => fingerprint === text.by);
  if (!signer) return { state: "forged", why: "signed by a machine that is not in the machine list", mayBeStale: true };
  const { isSignedBy } = await import("../../contract/strict-crypto.ts");
  if (!isSignedBy(signer.signKey, textToSign(text.body), text.signature)) {
    return { state: "forged", why: "the signature is wrong" };
  }
  if (!hasName(signer, signed.from)) {
    return { state: "forged", why: "its sender gives the name of another machine", mayBeStale: true };
  }
  const why = whatDiffers(message, signed, signer, keys);
  if (why !== null) return { state: "forged", why };
  return { state: "verified", signed, sender: signer };
}

function hasName({ name, formerNames }: ListedMachine, from: string): boolean {
  const sender = parseAddress(from)?.machine ?? "";
  return [name, ...formerNames].some((each) => isSameName(each, sender));
}

/** @returns what differs between the message and what its sender signed, or null if nothing does */
function whatDiffers(
  message: Message,
  signed: SignedMessage,
  signer: ListedMachine,
  { fingerprint: own }: OwnKeys,
): string | null {
  for (const field of ["id", "from", "to", "project", "kind", "replyTo", "session", "hops"] as const) {
    if (message[field] !== signed[field]) return `the bridge has changed its ${FIELD_NAMES[field] ?? field}`;
  }
  const isSameWork = message.work?.branch === signed.work?.branch && message.work?.files === signed.work?.files;
  if (!isSameWork) return "the bridge has changed the description of the work";
  const isForHere = signer.fingerprint === own || signed.order[own] !== undefined;
  return isForHere ? null : "its sender did not encrypt it for this machine";
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  from: "sender",
  to: "recipient",
  replyTo: "thread",
  hops: "reply count",
};
