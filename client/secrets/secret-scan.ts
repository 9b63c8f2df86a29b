import { knownTokens } from "./known-tokens.ts";
import { namedSecrets } from "./named-secrets.ts";
import { type SecretFound, secretsByPattern } from "./secret-patterns.ts";

/** Descriptions by secretlint rule. Other rules are described by their own name. */
const RULE_DESCRIPTIONS: Readonly<Record<string, string>> = {
  aws: "an AWS key",
  gcp: "a Google Cloud key",
  privatekey: "a private key",
  npm: "an npm token",
  basicauth: "a password in an address",
  "database-connection-string": "a password of a database",
  github: "a GitHub token",
  gitlab: "a GitLab token",
  slack: "a Slack token",
  openai: "an OpenAI key",
  anthropic: "an Anthropic key",
};

/** A secretlint rule that lets comments in the text switch rules off. Such comments must not affect what Photon sends. */
const SWITCHES_OFF = "@secretlint/secretlint-rule-filter-comments";

/** Like git, a file counts as binary if there is a NUL among this many first bytes. */
const LOOKED_AT_BYTES = 8_000;

/**
 * Looks for secrets in a file's text. Both false alarms and misses are possible: a password that looks like a word is not
 * found. Binary files are not scanned.
 *
 * @param path - relative to the root; some kinds of secret are recognised by the file's name
 * @returns a short description with the line, never the secret itself, or null if nothing was found
 */
export async function scanForSecrets(path: string, content: Buffer): Promise<string | null> {
  const text = textOf(content);
  if (text === null || text.trim() === "") return null;
  const all = await secretsIn(path, text);
  const [first] = all;
  if (first === undefined) return null;
  const others = new Set(all.map(({ what }) => what)).size - 1;
  const line = text.slice(0, first.at).split("\n").length;
  return `${first.what} (line ${line})${others === 0 ? "" : `, and ${others} of other kinds`}`;
}

/** All secrets in a text, sorted by position. They may overlap. */
export async function secretsIn(path: string, text: string): Promise<SecretFound[]> {
  const visible = withoutInvisible(text);
  const hidden = visible === null ? [] : await secretsOf(path, visible.text);
  const all = [
    ...(await secretsOf(path, text)),
    // From the first character to the last one, including invisible characters in between.
    ...hidden.map(({ what, at, end }) => {
      return { what, at: visible?.placeOf(at) ?? at, end: (visible?.placeOf(end - 1) ?? end - 1) + 1 };
    }),
  ];
  return all.map((each) => ({ ...each, end: endOfToken(text, each) })).sort((a, b) => a.at - b.at);
}

/** Extends a finding to the end of its token. For AWS keys, secretlint ends the secret too early by the length of its name. */
function endOfToken(text: string, { what, end }: SecretFound): number {
  const rest = what === RULE_DESCRIPTIONS.aws ? REST_OF_BASE64 : REST_OF_TOKEN;
  rest.lastIndex = end;
  return end + (rest.exec(text)?.[0].length ?? 0);
}

const REST_OF_TOKEN = /[A-Za-z0-9_-]*/y;
const REST_OF_BASE64 = /[A-Za-z0-9+/=]*/y;

async function secretsOf(path: string, text: string): Promise<SecretFound[]> {
  const known = [...secretsByPattern(text), ...knownTokens(text), ...(await secretsByRule(path, text))];
  // A secret recognised by its form has the better description than one recognised by its name.
  const named = namedSecrets(text).filter(({ at, end }) => !known.some((each) => each.at < end && at < each.end));
  return [...known, ...named];
}

/** @returns null if the file is binary */
function textOf(content: Buffer): string | null {
  if (content[0] === 0xff && content[1] === 0xfe) return content.toString("utf16le");
  if (content[0] === 0xfe && content[1] === 0xff) {
    return Buffer.from(content.subarray(0, content.length & ~1))
      .swap16()
      .toString("utf16le");
  }
  return content.subarray(0, LOOKED_AT_BYTES).includes(0) ? null : content.toString();
}

async function secretsByRule(path: string, content: string): Promise<SecretFound[]> {
  const { lintSource, rules } = await linter();
  const { messages } = await lintSource({
    source: { content, filePath: path, ext: /\.[^./]+$/.exec(path)?.[0] ?? "", contentType: "text" },
    options: { config: { rules }, locale: "en", maskSecrets: true, noPhysicFilePath: true },
  });
  return messages.map(({ ruleId, range }) => {
    const name = ruleId.replace(/^.*-rule-/, "");
    return { what: RULE_DESCRIPTIONS[name] ?? `a secret of ${name}`, at: range[0], end: range[1] };
  });
}

/** Loaded by the first scan, so that start-up does not pay for it. */
async function linter() {
  const [{ lintSource }, { rules }, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler"),
  ]);
  secretLintProfiler.setEnabled(false); // it would record every file and rule for the lifetime of the process
  return {
    lintSource,
    rules: rules
      .filter(({ meta }) => meta.id !== SWITCHES_OFF)
      .map((rule) => ({ id: rule.meta.id, rule, severity: "error" as const })),
  };
}

/**
 * Invisible characters: a reader who copies a token with one inside may get the whole token. And the numbers of lines that
 * a tool prints before each line of a file, which would hide a private key.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]|^ {0,6}\d{1,6}[\t→]/gmu;

interface Visible {
  readonly text: string;
  /** Maps an offset in the visible text to one in the original text. */
  readonly placeOf: (at: number) => number;
}

/** Removes invisible characters and line numbers. @returns null if the text has none */
function withoutInvisible(text: string): Visible | null {
  const gaps: { readonly at: number; readonly chars: number }[] = [];
  let gone = 0;
  const visible = text.replace(INVISIBLE, (sign, at: number) => {
    gone += sign.length;
    gaps.push({ at: at + sign.length - gone, chars: gone });
    return "";
  });
  if (gaps.length === 0) return null;
  // The last gap at or before the offset knows how many characters were removed before it.
  const placeOf = (at: number) => {
    let [low, high] = [0, gaps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((gaps[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return at + (gaps[low - 1]?.chars ?? 0);
  };
  return { text: visible, placeOf };
}
