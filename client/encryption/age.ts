import type { Decrypter } from "age-encryption";
import { PhotonError } from "../bridge/photon-error.ts";

/**
 * Encrypts to age recipients. The library is loaded by the first call: no start, and nobody who only asks what waits, pays
 * for it.
 *
 * @param recipients - `age1…`, at least one
 * @throws PhotonError `invalid_request` when they are more than {@link MAX_RECIPIENTS}
 */
export async function encryptFor(recipients: readonly string[], bytes: Uint8Array): Promise<Uint8Array> {
  if (recipients.length > MAX_RECIPIENTS) {
    throw new PhotonError("invalid_request", `A message can be encrypted for at most ${MAX_RECIPIENTS} machines.`);
  }
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
}

/** More machines than a person has. Each costs whoever opens a message a quarter of a millisecond. */
export const MAX_RECIPIENTS = 100;
/** A header has some 100 bytes for each recipient. */
const MAX_HEADER_BYTES = 32 * 1024;

/** Each has a line of its own in the header that begins so. */
function recipientsIn(header: Buffer): number {
  let count = 0;
  for (let at = header.indexOf("\n-> "); at !== -1; at = header.indexOf("\n-> ", at + 1)) count++;
  return count;
}

/** Why age data could not be opened. */
export class CannotDecrypt extends Error {
  override readonly name = "CannotDecrypt";
  /** It is whole as far as can be seen, and not for this identity. */
  readonly isForOthers: boolean;

  constructor(isForOthers: boolean, options: ErrorOptions) {
    super(isForOthers ? "It was not encrypted for this machine." : "It is damaged or cut short.", options);
    this.isForOthers = isForOthers;
  }
}

/** @param identity - `AGE-SECRET-KEY-1…` @throws CannotDecrypt */
export async function decryptWith(identity: string, bytes: Uint8Array): Promise<Uint8Array> {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, MAX_HEADER_BYTES));
  const end = header.indexOf("\n--- ");
  if (end === -1 || recipientsIn(header.subarray(0, end)) > MAX_RECIPIENTS) throw new CannotDecrypt(false, {});
  try {
    return await (await decrypterOf(identity)).decrypt(bytes);
  } catch (cause) {
    const isForOthers = cause instanceof Error && /no identity matched/i.test(cause.message);
    throw new CannotDecrypt(isForOthers, { cause });
  }
}

/** The last one, because a page of messages is opened with one identity, and age derives its public key each time. */
let last: { readonly identity: string; readonly decrypter: Decrypter } | null = null;

async function decrypterOf(identity: string): Promise<Decrypter> {
  if (last?.identity === identity) return last.decrypter;
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  last = { identity, decrypter };
  return decrypter;
}
