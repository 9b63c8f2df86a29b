import { isPlaceholder, type SecretFound } from "./secret-patterns.ts";

/** Names of settings and fields that hold a secret. The text before and after them is checked separately. */
const NAMES =
  /pass(?:word|wd|phrase|code)|(?<=[;"'\s]|_)pwd|passwort|kennwort|secret|(?:api|access|private|signing|encryption|auth)[_-]?key|(?:access|auth|api|bearer|refresh|bot)?[_-]?token/gi;

/** After a name: the rest of the word, an assignment sign, and the value in quotes or up to the next space. */
const GIVEN =
  /([A-Za-z0-9_-]{0,16})["'`]?\]?[ \t]{0,4}(=>|:=|={1,3}|:)[ \t]{0,4}(?:"([^"\r\n]{1,400})"|'([^'\r\n]{1,400})'|`([^`\r\n]{1,400})`|["'`]?([^\s"'`,;)}\]<>]{1,400}))/y;

/** Allowed rests of the word. With any other rest, the name means something else, such as a file, a length or a field. */
const SAME_NAME =
  /^(?:[_-]?(?:base|value|key|prod|production|dev|staging|live|test|secret|password|token|[0-9]{1,2}))*$/i;

/** The word "password" in several languages. */
const IN_PROSE =
  /(?<![\p{L}\p{N}_-])(?:pass(?:word|wort|phrase|code|wd)|kennwort|zugangscode|mot de passe|contrase(?:ñ|n)a|clave|senha|palavra-passe|wachtwoord|parola d'ordine|hasło|heslo|lösenord|passord|adgangskode|salasana|jelszó|parolă|şifre|parola|пароль|гасло|密码|密碼|パスワード|비밀번호|كلمة المرور|סיסמה)/giu;

/** From that word to the value: for what, and "is" in the same languages. */
const SAID =
  /(?:\s{1,3}(?:for|of|to|on|für|von|vom|zu|zum|zur|des|der|de|du|del|para|pour|do|voor|per|di)\s{1,3}[^\s.:;,]{1,40}(?:\s{1,3}[^\s.:;,]{1,40})?)?\s{0,3}(?:(?:is|was|now|are|ist|war|lautet|heißt|est|es|é|era|is nu|to|jest|to|je|är|er|on|это)(?=[\s:"'„“`])|[:=：＝]|は|是|为|為|은|는)\s{0,3}(?:now|jetzt|still|noch|actualmente)?[\s:]{0,3}(?:["'`„“”«»‘’「]{1,3}([^\s"'`„“”«»‘’」]{4,120})["'`„“”«»‘’」]|([^\s"'`„“”«»‘’」]{4,120}))/uy;

/** Words about passwords: their kind, how they are stored, or what they must contain. */
const ABOUT_PASSWORDS =
  /^(?:(?:sha|md|base|aes|utf|oauth|http|argon|pbkdf|b?crypt|scrypt|rsa|ed|ecdsa|x|x\.|v|tls|ssl|pkcs|totp|otp|mfa|2fa|sso|win|ipv)[-_]?\d.*|.*\d[-_]?(?:chars?|characters?|zeichen|bytes?|bits?|digits?|stell(?:en|ig\w*)|times?|days?|min(?:utes?)?|hours?|ms|s|x)|.*(?:required|invalid|incorrect|optional|missing|must|wrong|empty|expired|hidden|input|field|label|placeholder|hash(?:ed)?|encrypted|minimum|maximum|length).*)$/i;

/** A call, a property path, a URL or a file: the source of a secret, but not a secret itself. */
const IS_CODE =
  /^(?:[A-Za-z_$][\w$]*(?:(?:\?\.|\.|::|->)[A-Za-z_$][\w$]*)+|[A-Za-z_$][\w$.]*[([{].*|~?\.{0,2}\/.*|[a-z][a-z0-9+.-]{1,12}:\/\/.*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Za-z]:\\.*|op:\/\/.*)$/;

/** Secrets that are recognisable only by a word next to them. */
export function namedSecrets(text: string): SecretFound[] {
  return [...assigned(text), ...said(text)];
}

function assigned(text: string): SecretFound[] {
  const secrets: SecretFound[] = [];
  for (const { 0: name, index } of text.matchAll(NAMES)) {
    GIVEN.lastIndex = index + name.length;
    const given = GIVEN.exec(text);
    const [, behind = "", sign = ""] = given ?? [];
    const before = text.slice(Math.max(0, index - 60), index);
    if (given === null || !SAME_NAME.test(behind) || /public[_-]?(?:key)?$/i.test(before)) continue;
    const quoted = given[3] ?? given[4] ?? given[5];
    const value = (quoted ?? given[6] ?? "").replace(/[.,;]+$/, "");
    const isPassword = /^(?:pass|pwd|kenn)/i.test(name);
    // In a shell or `.env` file, any assigned value is meant literally.
    const isEnvironment = sign === "=" && name === name.toUpperCase() && /(?:^|[\s;])[A-Z0-9_]*$/.test(before);
    if (isPassword ? !isPasswordLike(value, { quoted: quoted !== undefined, isEnvironment }) : !isTokenLike(value))
      continue;
    const at = GIVEN.lastIndex - given[0].length + given[0].lastIndexOf(value);
    secrets.push({ what: isPassword ? "a password" : "a secret with its name", at, end: at + value.length });
  }
  return secrets;
}

function said(text: string): SecretFound[] {
  const secrets: SecretFound[] = [];
  for (const { 0: word, index } of text.matchAll(IN_PROSE)) {
    SAID.lastIndex = index + word.length;
    const match = SAID.exec(text);
    if (match === null) continue;
    const value = (match[1] ?? match[2] ?? "").replace(/[.,;:!?)\]]+$/, "");
    if (!isPasswordLike(value, { quoted: match[1] !== undefined, isEnvironment: false })) continue;
    const at = SAID.lastIndex - match[0].length + match[0].lastIndexOf(value);
    secrets.push({ what: "a password", at, end: at + value.length });
  }
  return secrets;
}

interface Given {
  readonly quoted: boolean;
  readonly isEnvironment: boolean;
}

/** Whether a value looks like a password made by a person: a word with characters that words do not have. */
function isPasswordLike(value: string, { quoted, isEnvironment }: Given): boolean {
  if (value.length < 6 || /\s/.test(value) || isPlaceholder(value) || ABOUT_PASSWORDS.test(value)) return false;
  if (IS_CODE.test(value) || new Set(value).size < 4) return false;
  if (isEnvironment) return !/^(?:true|false|null|none|undefined|disabled|enabled)$/i.test(value);
  const hasDigit = /\d/.test(value);
  const hasSign = /[!@#$%^&*+?~§]/.test(value);
  const hasLetter = /\p{L}/u.test(value);
  const isMixed = /\p{Ll}/u.test(value) && /.\p{Lu}/u.test(value);
  return hasLetter && (hasDigit || (hasSign && (quoted || isMixed)));
}

/** Whether a value looks like a generated token: long, with lower case, upper case and digits in random order. */
function isTokenLike(value: string): boolean {
  if (value.length < 16 || !/^[\w+/=.~:%-]+$/.test(value) || isPlaceholder(value) || IS_CODE.test(value)) return false;
  const signs = value.replace(/[^A-Za-z0-9]/g, "");
  const digits = signs.replace(/\D/g, "").length;
  if (digits < 2 || digits === signs.length || new Set(signs).size < 8) return false;
  let turns = 0;
  for (let at = 1; at < signs.length; at++) if (classOf(signs, at) !== classOf(signs, at - 1)) turns++;
  return turns / signs.length >= 0.2;
}

function classOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? 0 : code < 91 ? 1 : 2;
}
