import { sha256Hex } from "../disk/sha256-hex.ts";
import type { Masked } from "./mask-secrets.ts";

/** Names of environment variables that say that the value is a secret. */
const ENVIRONMENT_NAME = /^[A-Z][A-Z0-9_]{2,63}$/;
const TELLING = /PASS|PWD|SECRET|TOKEN|CREDENTIAL|KEYS?(?:_|$)|(?:^|_)(?:PIN|AUTH|CREDS?)(?:_|$)/;
const NO_SECRET = /^(?:OLD)?PWD$|PUBLIC/;

/** A value that is elsewhere, or is already masked. Small numbers are counts and limits. */
const NO_VALUE =
  /^(?:\$(?:[A-Za-z_]\w*$|[{(])|<|%|\{\{|\*{3}|\[[^\]\n]{1,80}left out by Photon\])|^(?:true|false|null|none|undefined|\d{1,3})$/i;

/** `NAME=value` as in an environment file or a shell; also in JSON in a string, where a line break is written `\n`. */
const ASSIGNED =
  /(?<=^|[^\w$]|\\[nrt])([A-Z][A-Z0-9_]{2,63})=(?!\[[^\]\n]{1,80}left out by Photon\])(?:(\\{0,64}["'`])((?:(?!\2)[^\n]){1,4000})\2|((?:[^\s"'`\\]|\\(?![nrt"'\\])){1,4000}))/g;

/** `{"name":"NAME","value":"value"}`, also as JSON in a string. */
const PAIR =
  /(?<!\\)(\\{0,64})"(?:name|key|variable)\1"\s{0,9}:\s{0,9}\1"([A-Z][A-Z0-9_]{2,63})\1"\s{0,9},\s{0,9}\1"value\1"\s{0,9}:\s{0,9}\1"((?:(?!\1")[^\n]){1,4000})\1"/gi;

/** `{\"password\":\"value\"}`: JSON in a string in JSON, however often it was escaped. */
const ESCAPED =
  /(?<!\\)(\\{1,64})"[\w.-]{0,64}(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|(?:api|access|private)[_-]?key)[_\d]{0,4}\1"\s{0,9}:\s{0,9}\1"((?:(?!\1")[^\n]){4,4000})\1"/gi;

const WHAT = "a value that its name calls secret";

/** Whether the name of an environment variable says that its value is a secret. */
function tellsOfSecret(name: string): boolean {
  return ENVIRONMENT_NAME.test(name) && TELLING.test(name) && !NO_SECRET.test(name);
}

/**
 * Replaces the values that only their name shows to be secrets, whatever they look like. Stricter than the scan, which
 * must not change what a person writes: also masks examples and placeholders.
 *
 * @param name - of the field that has the text; empty for none
 * @param allowed - codes of findings that a person allowed
 */
export function maskToldByName(text: string, name = "", allowed: readonly string[] = []): Masked {
  const findings: Masked["findings"][number][] = [];
  const masked = (all: string, value: string): string => {
    const code = sha256Hex(`${WHAT}\n${value}`).slice(0, 8);
    if (value === "" || NO_VALUE.test(value) || allowed.includes(code)) return all;
    findings.push({ what: WHAT, line: 1, code });
    const at = all.lastIndexOf(value);
    return `${all.slice(0, at)}[${WHAT}, left out by Photon]${all.slice(at + value.length)}`;
  };
  if (tellsOfSecret(name)) return { text: masked(text, text), findings };
  const plain = text
    .replace(ASSIGNED, (all: string, variable: string, _quote: string, quoted = "", bare = "") =>
      tellsOfSecret(variable) ? masked(all, quoted || bare) : all,
    )
    .replace(PAIR, (all: string, _escape: string, variable: string, value: string) =>
      tellsOfSecret(variable) ? masked(all, value) : all,
    )
    .replace(ESCAPED, (all: string, _escape: string, value: string) => masked(all, value));
  return { text: plain, findings };
}
