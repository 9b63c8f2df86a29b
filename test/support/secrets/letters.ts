import { createHash } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The same letters in every run, as random as a key's; so nothing that looks like one has to stand in a test's file. */
export function letters(seed: string, length: number, alphabet = ALPHABET): string {
  let text = "";
  for (let block = 0; text.length < length; block++) {
    for (const byte of createHash("sha512").update(`${seed} ${block}`).digest())
      text += alphabet[byte % alphabet.length] ?? "";
  }
  return text.slice(0, length);
}
