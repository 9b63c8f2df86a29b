/** A secret that a text holds: in a few words, and where it begins. */
export interface SecretFound {
  readonly what: string;
  /** Offset in the text, in UTF-16 code units. */
  readonly at: number;
}

/** Encrypted keys, short ones (elliptic curves) and PGP's as well; a line about keys has no body and is none. */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\{1,4}[rn]|[\s"'+,]){0,12}(?:[\w-]{2,32}: [^\r\n]{0,200}(?:\\{1,4}[rn]|[\s"'+,]){1,12}){0,8}[A-Za-z0-9+/=]{40}/g;

/** Every scheme, not only the web's and three databases'; a password may hold signs. */
const PASSWORD_IN_ADDRESS =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s:@/?#'"`<>\\]{0,128}):([^\s@/'"`<>\\]{4,256})@[\w.[%-]/gi;

/** The key's name is no secret, but beside one. */
const AWS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g;
const AWS_SECRET =
  /(?<![A-Za-z0-9/+])(?=[^\s]{0,39}\d)(?=[^\s]{0,39}[a-z])(?=[^\s]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/;
/** As far as a pair's two halves are from each other, in characters. */
const PAIR_CHARS = 400;

const ANTHROPIC_KEY = /\bsk-ant-[a-z]{2,12}\d{2}-[\w-]{60}/g;

const NPM_TOKEN = /:_(?:authToken|password|auth)\s{0,4}=\s{0,4}["']?[A-Za-z0-9+/=_-]{16}/g;

/** What stands where a password would: a variable, a word for one, dots. */
const PLACEHOLDER =
  /^\$|\$[({]|[{}]|\*{3}|%[sdv]|\.\.\.|^(?:(?:your|my|the|some|a|db|user|test|dev|local|dummy|fake|sample|example)[-_]?)*(?:pass(?:word|wd|phrase)?|pwd?|secret|token|key|changeme|change[-_]me|example|sample|test(?:ing)?|dummy|fake|guest|admin|root|user(?:name)?|foo|bar|x+|\d{1,5})\d{0,4}$/i;

/**
 * The secrets that secretlint's rules of this time let through. Every pattern takes a time that grows with the text alone.
 *
 * @param text - a file's
 */
export function secretsBeside(text: string): SecretFound[] {
  return [
    ...found(text, PRIVATE_KEY, "a private key"),
    ...found(text, ANTHROPIC_KEY, "an Anthropic key"),
    ...found(text, NPM_TOKEN, "an npm token"),
    ...found(text, AWS_KEY_ID, "an AWS key", ({ 0: id, index }) =>
      AWS_SECRET.test(text.slice(Math.max(0, index - PAIR_CHARS), index + id.length + PAIR_CHARS)),
    ),
    ...found(text, PASSWORD_IN_ADDRESS, "a password in an address", ({ 1: user = "", 2: password = "" }) =>
      isPassword(password, user),
    ),
  ];
}

function found(
  text: string,
  pattern: RegExp,
  what: string,
  isOne: (match: RegExpExecArray) => boolean = () => true,
): SecretFound[] {
  return [...text.matchAll(pattern)].filter(isOne).map(({ index }) => ({ what, at: index }));
}

function isPassword(password: string, user: string): boolean {
  if (PLACEHOLDER.test(password) || password.toLowerCase() === user.toLowerCase()) return false;
  return new Set(password).size > 2; // not xxxx, nor ----
}
