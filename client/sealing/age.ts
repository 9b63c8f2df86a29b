/**
 * Encrypts to age recipients. The library is loaded by the first call: no start, and nobody who only asks what waits, pays
 * for it.
 *
 * @param recipients - `age1…`, at least one
 */
export async function encryptFor(recipients: readonly string[], bytes: Uint8Array): Promise<Uint8Array> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
}

/** Whether a recipient's key can be used: its letters, its checksum, and the point that it names. */
export async function canEncryptFor(recipient: string): Promise<boolean> {
  try {
    await encryptFor([recipient], new Uint8Array());
    return true;
  } catch {
    return false;
  }
}

/** A header has some 100 bytes for each receiver, and each is tried: more than some 300 nobody has, or is to wait for. */
const MAX_HEADER_BYTES = 32 * 1024;

/** Why age data could not be opened. */
export class CannotDecrypt extends Error {
  override readonly name = "CannotDecrypt";
  /** It is whole as far as can be seen, and not for this identity. */
  readonly isForOthers: boolean;

  constructor(isForOthers: boolean, options: ErrorOptions) {
    super(isForOthers ? "It was not sealed for this machine." : "It is damaged or cut short.", options);
    this.isForOthers = isForOthers;
  }
}

/** @param identity - `AGE-SECRET-KEY-1…` @throws CannotDecrypt */
export async function decryptWith(identity: string, bytes: Uint8Array): Promise<Uint8Array> {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, MAX_HEADER_BYTES));
  if (!header.includes("\n--- ")) throw new CannotDecrypt(false, {});
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(bytes);
  } catch (cause) {
    const isForOthers = cause instanceof Error && /no identity matched/i.test(cause.message);
    throw new CannotDecrypt(isForOthers, { cause });
  }
}
