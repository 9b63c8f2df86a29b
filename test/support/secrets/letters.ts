import { createHash } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Letters that look random but are the same in every run, so that test files need not contain anything like a key. */
export function letters(seed: string, length: number, alphabet = ALPHABET): string {
  let text = "";
  for (let block = 0; text.length < length; block++) {
    for (const byte of createHash("sha512").update(`${seed} ${block}`).digest())
      text += alphabet[byte % alphabet.length] ?? "";
  }
  return text.slice(0, length);
}
