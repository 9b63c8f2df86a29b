/**
 * How a encrypted message looks to whoever cannot open it: its content is a sentence, and after that age data in base64. So
 * every bridge and every client can keep and show it, whatever it knows of encryption.
 */
const SENTENCE = "This message is sealed for the machines that joined this bridge. To read what comes: photon join.";
const MARK = "photon-sealed-1";

/** Longest content of a encrypted message, in bytes: its 256 KiB as JSON, encrypted, in base64. */
export const MAX_ENCRYPTED_BYTES = 1024 * 1024;

const START = `${SENTENCE}\n\n${MARK}\n`;

export function encryptedText(base64: string): string {
  return `${START}${base64}`;
}

/** @returns the base64 of a encrypted message; null for a content that says something itself */
export function encryptedPart(content: string): string | null {
  return content.startsWith(START) ? content.slice(START.length) : null;
}
