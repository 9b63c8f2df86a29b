/** A secret in a text: a description and its position. */
export interface SecretFound {
  readonly what: string;
  /** Offset in the text, in UTF-16 code units. */
  readonly at: number;
  /** Offset after its last character. */
  readonly end: number;
}

/**
 * Includes encrypted, short (elliptic curve) and PGP keys. A line that only mentions a key has no body and does not match.
 * A header ends at the first character that can end it; with a choice, eight headers would cause exponential backtracking.
 */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\{1,4}[rn]|[\s"'+,]){0,12}(?:[\w-]{2,32}: [^\r\n\\"']{0,200}(?:\\{1,4}[rn]|[\r\n"'])(?:\\{1,4}[rn]|[\s"'+,]){0,11}){0,8}[A-Za-z0-9+/=]{40}/g;

/** Any scheme, and passwords with special characters; secretlint knows only some of them. */
const PASSWORD_IN_ADDRESS =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s:@/?#'"`<>\\]{0,128}):([^\s@/'"`<>\\]{4,256})@[\w.[%-]/gi;

/** A private key ends at its own last line or, if that is missing, where its body ends. */
const PRIVATE_KEY_END = /-----END (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const END_CHARS = 80;
const PRIVATE_KEY_BODY =
  /[A-Za-z0-9+/=]*(?:(?:\\{1,4}[rn]|[\s"'+,]){1,12}[A-Za-z0-9+/=]{16,}){0,4000}(?:(?:\\{1,4}[rn]|[\s"'+,]){1,12}[A-Za-z0-9+/]{1,15}={1,2})?/y;
/** Room for a short last line of the body before the END line. */
const LAST_LINE_CHARS = 120;

/** A key id is not a secret, but may stand next to one. */
const AWS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g;
const AWS_SECRET =
  /(?<![A-Za-z0-9/+])(?=[^\s]{0,39}\d)(?=[^\s]{0,39}[a-z])(?=[^\s]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;
/** Largest distance between an AWS key's two halves, in characters. */
const PAIR_CHARS = 400;

const ANTHROPIC_KEY = /\bsk-ant-[a-z]{2,12}\d{2}-[\w-]{60,}/g;

/** Photon's own secrets: machine keys, invitations and age identities. */
const MACHINE_KEY = /\bphoton_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g;
const INVITATION = /\/join#[0-9a-f]{32}\.[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g;
const AGE_IDENTITY = /\bAGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\b/g;

/** As `curl -v` prints it. Placeholders are filtered out. */
const BEARER = /\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?bearer\s{1,4}([A-Za-z0-9._~+/-]{16,}=*)/gi;

const NPM_TOKEN = /:_(?:authToken|password|auth)\s{0,4}=\s{0,4}["']?[A-Za-z0-9+/=_-]{16,}/g;

/** Placeholders for a secret: a variable, a word for one, dots. */
const PLACEHOLDER =
  /^\$|\$[({]|[{}]|\*{3}|%[sdv]|\.\.\.|^(?:(?:your|my|the|some|a|db|user|test|dev|local|dummy|fake|sample|example)[-_]?)*(?:pass(?:word|wd|phrase)?|pwd?|secret|token|key|changeme|change[-_]me|example|sample|test(?:ing)?|dummy|fake|guest|admin|root|user(?:name)?|foo|bar|x+|\d{1,5})\d{0,4}$/i;

/** Secrets that this version of secretlint misses. Every pattern takes time linear in the text's length. */
export function secretsByPattern(text: string): SecretFound[] {
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

/** Whether a value is a placeholder for a secret. */
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

/** AWS key ids with every secret half near them, because it is unknown which belong together. */
function awsKeys(text: string): SecretFound[] {
  return found(text, AWS_KEY_ID, "an AWS key").flatMap((id) => {
    const start = Math.max(0, id.at - PAIR_CHARS);
    const secrets = found(text.slice(start, id.end + PAIR_CHARS), AWS_SECRET, id.what);
    if (secrets.length === 0) return [];
    return [id, ...secrets.map(({ what, at, end }) => ({ what, at: start + at, end: start + end }))];
  });
}

/** @param from - the end of the matched start of a key */
function endOfKey(text: string, from: number): number {
  PRIVATE_KEY_BODY.lastIndex = from;
  const body = from + (PRIVATE_KEY_BODY.exec(text)?.[0].length ?? 0);
  // An END line further away belongs to another key.
  const last = PRIVATE_KEY_END.exec(text.slice(body, body + LAST_LINE_CHARS + END_CHARS));
  return last === null ? body : body + last.index + last[0].length;
}

function isPassword(password: string, user: string): boolean {
  if (PLACEHOLDER.test(password) || password.toLowerCase() === user.toLowerCase()) return false;
  return new Set(password).size > 2; // not xxxx, nor ----
}
