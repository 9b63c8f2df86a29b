import { randomBytes } from "node:crypto";
import { type Finding, maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { maskToldByName } from "../../client/secrets/told-by-name.ts";

type ScanOptions = Parameters<typeof maskSecrets>[1];

/** Fields whose name says that their value is a secret, for the scan that sees both. */
const TELLING_NAME = /pass|pwd|kenn?wort|secret|token|key|auth/i;

/** A text within a value, with the name of its field if that is telling. */
interface Piece {
  readonly name: string;
  readonly text: string;
}

/**
 * Replaces the secrets in the strings of parsed JSON values, in names of fields too. The results have the shape of the
 * values, so they can be written as JSON again. All strings are scanned together, which is a hundred times as fast as
 * one after another.
 *
 * @throws PhotonError `internal` if the scan fails
 */
export async function maskValues(
  values: readonly unknown[],
  options: ScanOptions,
): Promise<{ readonly values: readonly unknown[]; readonly findings: readonly Finding[] }> {
  const pieces: Piece[] = [];
  for (const value of values) {
    mapStrings(value, (text, name) => {
      pieces.push({ name, text });
      return text;
    });
  }
  const findings: Finding[] = [];
  const scanned = await maskedTexts(pieces, options, findings);
  const masked = scanned.map((text, at) => {
    const told = maskToldByName(text, pieces[at]?.name, options?.allowed);
    findings.push(...told.findings);
    return told.text;
  });
  let at = 0;
  // The same walk in the same order.
  return { values: values.map((value) => mapStrings(value, (text) => masked[at++] ?? text)), findings };
}

/** Also maps the names of fields. A text has the nearest telling name above it. */
function mapStrings(value: unknown, map: (text: string, name: string) => string, name = ""): unknown {
  if (typeof value === "string") return map(value, name);
  if (Array.isArray(value)) return value.map((each) => mapStrings(each, map, name));
  if (typeof value !== "object" || value === null) return value;
  const pair = nameInPair(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const telling = pair !== null && /^value$/i.test(key) ? pair : key;
      return [map(key, ""), mapStrings(each, map, TELLING_NAME.test(telling) ? inSingular(telling) : name)];
    }),
  );
}

/** The name in `{"name":"DB_PASSWORD","value":"…"}`. */
function nameInPair(value: object): string | null {
  const named = Object.entries(value).find(([key, each]) => /^(?:name|key|variable)$/i.test(key) && isName(each));
  return named === undefined ? null : String(named[1]);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && /^[\w.-]{1,100}$/.test(value);
}

/** The scan does not know `passwords`. */
function inSingular(name: string): string {
  return name.replace(/(?<!s)s$/i, "");
}

async function maskedTexts(pieces: readonly Piece[], options: ScanOptions, findings: Finding[]): Promise<string[]> {
  const between = `\n\uE9F2${randomBytes(4).toString("hex")}\n`;
  const before = ({ name }: Piece) => (name === "" ? "" : `${name}: `);
  const { text, findings: found } = await maskSecrets(
    pieces.map((piece) => before(piece) + piece.text).join(between),
    options,
  );
  const texts = text.split(between);
  const isWhole = texts.length === pieces.length && pieces.every((piece, at) => texts[at]?.startsWith(before(piece)));
  if (isWhole) {
    findings.push(...found);
    return pieces.map((piece, at) => texts[at]?.slice(before(piece).length) ?? "");
  }
  // A finding goes over the end of a text, or into the name before it. Such texts are scanned one by one.
  if (pieces.length <= 1) return alone(pieces, options, findings);
  const middle = pieces.length >> 1;
  const first = await maskedTexts(pieces.slice(0, middle), options, findings);
  return [...first, ...(await maskedTexts(pieces.slice(middle), options, findings))];
}

async function alone(pieces: readonly Piece[], options: ScanOptions, findings: Finding[]): Promise<string[]> {
  const [piece] = pieces;
  if (piece === undefined) return [];
  const { text, findings: found } = await maskSecrets(piece.text, options);
  findings.push(...found);
  return [text];
}

/** Maps every string of a parsed JSON value, and the names of fields. */
export function mapTexts(value: unknown, map: (text: string) => string): unknown {
  return mapStrings(value, map);
}
