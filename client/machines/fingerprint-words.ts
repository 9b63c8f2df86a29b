import { wordlist } from "@scure/bip39/wordlists/english.js";

/** Six of 2,048 words are 66 bits, too many to find another key with the same words. */
const WORDS = 6;
const BITS = 11;

/** A fingerprint as words that people can compare: `orbit lemon …`. @param fingerprint - 64 hexadecimal digits */
export function fingerprintWords(fingerprint: string): string {
  const number = BigInt(`0x${fingerprint}`) >> BigInt(256 - WORDS * BITS);
  return Array.from({ length: WORDS }, (_, at) => {
    const index = Number((number >> BigInt((WORDS - 1 - at) * BITS)) & 0x7ffn);
    return wordlist[index] ?? "";
  }).join(" ");
}
