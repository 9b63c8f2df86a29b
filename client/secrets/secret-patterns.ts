/** A secret that a text holds: in a few words, and where it is. */
export interface SecretFound {
  readonly what: string;
  /** Offset in the text, in UTF-16 code units. */
  readonly at: number;
  /** Behind its last character. */
  readonly end: number;
}

/**
 * Encrypted keys, short ones (elliptic curves) and PGP's as well; a line about keys has no body and is none. A header ends
 * at the first sign that may end it: with a choice, eight of them would have more ways to end than anybody can try.
 */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\{1,4}[rn]|[\s"'+,]){0,12}(?:[\w-]{2,32}: [^\r\n\\"']{0,200}(?:\\{1,4}[rn]|[\r\n"'])(?:\\{1,4}[rn]|[\s"'+,]){0,11}){0,8}[A-Za-z0-9+/=]{40}/g;

/** Every scheme, not only the web's and three databases'; a password may hold signs. */
const PASSWORD_IN_ADDRESS =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s:@/?#'"`<>\\]{0,128}):([^\s@/'"`<>\\]{4,256})@[\w.[%-]/gi;

/** Where it ends: at its own last line, or where what could be of it ends. */
const PRIVATE_KEY_END = /-----END (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const END_CHARS = 80;
const PRIVATE_KEY_BODY =
  /[A-Za-z0-9+/=]*(?:(?:\\{1,4}[rn]|[\s"'+,]){1,12}[A-Za-z0-9+/=]{16,}){0,4000}(?:(?:\\{1,4}[rn]|[\s"'+,]){1,12}[A-Za-z0-9+/]{1,15}={1,2})?/y;
/** A last line that is short, and what stands before the one that ends it. */
const LAST_LINE_CHARS = 120;

/** The key's name is no secret, but beside one. */
const AWS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g;
const AWS_SECRET =
  /(?<![A-Za-z0-9/+])(?=[^\s]{0,39}\d)(?=[^\s]{0,39}[a-z])(?=[^\s]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;
/** As far as a pair's two halves are from each other, in characters. */
const PAIR_CHARS = 400;

const ANTHROPIC_KEY = /\bsk-ant-[a-z]{2,12}\d{2}-[\w-]{60,}/g;

/** Photon's own: a machine's key, what an invitation is signed with, what opens encrypted messages. */
const MACHINE_KEY = /\bphoton_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g;
const INVITATION = /\/join#[0-9a-f]{32}\.[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g;
const AGE_IDENTITY = /\bAGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\b/g;

/** As it stands in what `curl -v` prints. A word for one is none. */
const BEARER = /\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?bearer\s{1,4}([A-Za-z0-9._~+/-]{16,}=*)/gi;

const NPM_TOKEN = /:_(?:authToken|password|auth)\s{0,4}=\s{0,4}["']?[A-Za-z0-9+/=_-]{16,}/g;

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
    ...found(text, PRIVATE_KEY, "a private key").map((each) => ({ ...each, end: endOfKey(text, each.end) })),
    ...found(text, MACHINE_KEY, "a machine's key of Photon"),
    ...found(text, INVITATION, "an invitation of Photon"),
    ...found(text, AGE_IDENTITY, "an age identity"),
    ...found(text, BEARER, "a bearer token", ({ 1: token = "" }) => !PLACEHOLDER.test(token) && /\d/.test(token)),
    ...found(text, ANTHROPIC_KEY, "an Anthropic key"),
    ...found(text, NPM_TOKEN, "an npm token"),
    ...awsKeys(text),
    ...found(text, PASSWORD_IN_ADDRESS, "a password in an address", ({ 1: user = "", 2: password = "" }) =>
      isPassword(password, user),
    ).map((each) => ({ ...each, end: each.end - 2 })), // the @ and what follows it
  ];
}

/** A variable, a word for a password, dots: what stands where a secret would. */
export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value);
}

export function found(
  text: string,
  pattern: RegExp,
  what: string,
  isOne: (match: RegExpExecArray) => boolean = () => true,
): SecretFound[] {
  return [...text.matchAll(pattern)]
    .filter(isOne)
    .map(({ 0: match, index }) => ({ what, at: index, end: index + match.length }));
}

/** The names with the halves that are secrets: every one that is near, for nobody knows which belongs to which. */
function awsKeys(text: string): SecretFound[] {
  return found(text, AWS_KEY_ID, "an AWS key").flatMap((id) => {
    const start = Math.max(0, id.at - PAIR_CHARS);
    const secrets = found(text.slice(start, id.end + PAIR_CHARS), AWS_SECRET, id.what);
    if (secrets.length === 0) return [];
    return [id, ...secrets.map(({ what, at, end }) => ({ what, at: start + at, end: start + end }))];
  });
}

/** @param from - where the beginning that was recognised ends */
function endOfKey(text: string, from: number): number {
  PRIVATE_KEY_BODY.lastIndex = from;
  const body = from + (PRIVATE_KEY_BODY.exec(text)?.[0].length ?? 0);
  // A last line that is further away is another key's.
  const last = PRIVATE_KEY_END.exec(text.slice(body, body + LAST_LINE_CHARS + END_CHARS));
  return last === null ? body : body + last.index + last[0].length;
}

function isPassword(password: string, user: string): boolean {
  if (PLACEHOLDER.test(password) || password.toLowerCase() === user.toLowerCase()) return false;
  return new Set(password).size > 2; // not xxxx, nor ----
}
