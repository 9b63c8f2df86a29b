import { wordlist } from "@scure/bip39/wordlists/english.js";

/** 6 of 2,048 words: 66 bits, out of reach for whoever would draw keys until they look the same. */
const WORDS = 6;
const BITS = 11;

/** A fingerprint for two people, or one at two screens, to compare: `orbit lemon …`. @param fingerprint - 64 hexadecimal digits */
export function fingerprintWords(fingerprint: string): string {
  const number = BigInt(`0x${fingerprint}`) >> BigInt(256 - WORDS * BITS);
  return Array.from({ length: WORDS }, (_, at) => {
    const index = Number((number >> BigInt((WORDS - 1 - at) * BITS)) & 0x7ffn);
    return wordlist[index] ?? "";
  }).join(" ");
}
