/**
 * The content of an encrypted message is this sentence, then age data in base64. So a bridge or client that knows nothing
 * of encryption can store and show it. The sentence is part of the format and never changes.
 */
const SENTENCE = "This message is sealed for the machines that joined this bridge. To read what comes: photon join.";
const MARK = "photon-sealed-1";

/** Longest content of an encrypted message, in bytes: 256 KiB as JSON, encrypted, in base64. */
export const MAX_ENCRYPTED_BYTES = 1024 * 1024;

const START = `${SENTENCE}\n\n${MARK}\n`;

export function encryptedText(base64: string): string {
  return `${START}${base64}`;
}

/** @returns the base64 of an encrypted message, or null if the content is plain text */
export function encryptedPart(content: string): string | null {
  return content.startsWith(START) ? content.slice(START.length) : null;
}
