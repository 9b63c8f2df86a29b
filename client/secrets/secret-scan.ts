import { knownTokens } from "./known-tokens.ts";
import { namedSecrets } from "./named-secrets.ts";
import { type SecretFound, secretsBeside } from "./secret-patterns.ts";
import { withoutInvisible } from "./without-invisible.ts";

/** By the names of secretlint's rules; one that is not here is called by its own name. */
const IN_WORDS: Readonly<Record<string, string>> = {
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

/** What secretlint offers beside rules that find: a comment that switches them off. Who wrote it had another reader in mind. */
const SWITCHES_OFF = "@secretlint/secretlint-rule-filter-comments";

/** As git decides it: a NUL among the first bytes. */
const LOOKED_AT_BYTES = 8_000;

/**
 * Looks for secrets in a file's text.
 *
 * A finding is a likeness, and what is not found may be a secret all the same: nobody knows a password that looks like a
 * word. Binary files are not looked through.
 *
 * @param path - relative to the root; some kinds of secret are known by the file's name
 * @returns what was found in a few words, with the line, never the secret itself; null when nothing was
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

/** Every secret in a text, by where it begins; they may overlap. */
export async function secretsIn(path: string, text: string): Promise<SecretFound[]> {
  const visible = withoutInvisible(text);
  const hidden = visible === null ? [] : await secretsOf(path, visible.text);
  const all = [
    ...(await secretsOf(path, text)),
    // From the first character to behind the last one, whatever lies between.
    ...hidden.map(({ what, at, end }) => {
      return { what, at: visible?.placeOf(at) ?? at, end: (visible?.placeOf(end - 1) ?? end - 1) + 1 };
    }),
  ];
  return all.map((each) => ({ ...each, end: endOfToken(text, each) })).sort((a, b) => a.at - b.at);
}

/** What goes on behind a finding is of it: secretlint ends the secret of an AWS key too early, by the length of its name. */
function endOfToken(text: string, { what, end }: SecretFound): number {
  const rest = what === IN_WORDS.aws ? REST_OF_BASE64 : REST_OF_TOKEN;
  rest.lastIndex = end;
  return end + (rest.exec(text)?.[0].length ?? 0);
}

const REST_OF_TOKEN = /[A-Za-z0-9_-]*/y;
const REST_OF_BASE64 = /[A-Za-z0-9+/=]*/y;

async function secretsOf(path: string, text: string): Promise<SecretFound[]> {
  const known = [...secretsBeside(text), ...knownTokens(text), ...(await secretsByRule(path, text))];
  // What tells by itself what it is says more than its name does.
  const named = namedSecrets(text).filter(({ at, end }) => !known.some((each) => each.at < end && at < each.end));
  return [...known, ...named];
}

/** @returns null for what is no text */
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
    return { what: IN_WORDS[name] ?? `a secret of ${name}`, at: range[0], end: range[1] };
  });
}

/** Loaded by the first scan: no start has to pay for it. */
async function linter() {
  const [{ lintSource }, { rules }, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler"),
  ]);
  secretLintProfiler.setEnabled(false); // it would keep a mark for every file and rule, for as long as the process lives
  return {
    lintSource,
    rules: rules
      .filter(({ meta }) => meta.id !== SWITCHES_OFF)
      .map((rule) => ({ id: rule.meta.id, rule, severity: "error" as const })),
  };
}
