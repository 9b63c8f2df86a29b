import { isSameName, parseAddress } from "../../contract/address.ts";
import { encryptedPart } from "../../contract/encrypted.ts";
import type { ListedMachine, MachineList } from "../../contract/follow-machine-list.ts";
import type { Message } from "../../contract/message.ts";
import { parseJson } from "../disk/parse-json.ts";
import type { OwnKeys } from "../machines/machine-keys.ts";
import { CannotDecrypt, decryptWith } from "./age.ts";
import { parseSigned, SignedMessage, type SignedText, textToSign } from "./signed-message.ts";

/** What came of opening a encrypted message. The words are of this machine's making, for a person. */
export type OpenedMessage =
  | { readonly state: "verified"; readonly signed: SignedMessage; readonly sender: ListedMachine }
  /** `isUnknown`: whoever signed is not in the list of machines, which may be old. */
  | { readonly state: "forged"; readonly why: string; readonly isUnknown?: true }
  | { readonly state: "unreadable"; readonly why: string };

/**
 * Opens a encrypted message and makes sure that it is from whom it says, and says what the bridge says of it. Whether its
 * sender was revoked since is for the caller to weigh.
 *
 * @param machine list - as this machine has followed it
 * @returns null for a message that is not encrypted
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
    const others = "encrypted for other machines; this one joined later, or it is not among the receivers";
    return { state: "unreadable", why: error.isForOthers ? others : "damaged or cut short on its way" };
  }
  const signed = text && SignedMessage.safeParse(parseJson(text.body)).data;
  if (!text || !signed) return { state: "unreadable", why: "encrypted in a way that this version does not know" };
  const signer = machineList.machines.find(({ fingerprint }) => fingerprint === text.by);
  if (!signer) return { state: "forged", why: "signed by a machine that is not in the list", isUnknown: true };
  const { isSignedBy } = await import("../../contract/strict-crypto.ts");
  if (!isSignedBy(signer.signKey, textToSign(text.body), text.signature)) {
    return { state: "forged", why: "the signature is wrong" };
  }
  const why = whatDiffers(message, signed, signer, keys);
  if (why !== null) return { state: "forged", why };
  return { state: "verified", signed, sender: signer };
}

/** What the bridge says and the sender did not sign; null when they agree. */
function whatDiffers(
  message: Message,
  signed: SignedMessage,
  signer: ListedMachine,
  { fingerprint: own }: OwnKeys,
): string | null {
  const names = [signer.name, ...signer.formerNames];
  const sender = parseAddress(signed.from)?.machine ?? "";
  if (!names.some((name) => isSameName(name, sender))) return "its sender names another machine than it is";
  for (const field of ["id", "from", "to", "project", "kind", "replyTo", "session", "hops"] as const) {
    if (message[field] !== signed[field]) return `the bridge has changed its ${FIELD_NAMES[field] ?? field}`;
  }
  const isSameWork = message.work?.branch === signed.work?.branch && message.work?.files === signed.work?.files;
  if (!isSameWork) return "the bridge has changed what the work is about";
  const isForHere = signer.fingerprint === own || signed.order[own] !== undefined;
  return isForHere ? null : "somebody else has encrypted it for this machine";
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  from: "sender",
  to: "receiver",
  replyTo: "thread",
  hops: "count of answers",
};
