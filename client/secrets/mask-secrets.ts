import { PhotonError } from "../bridge/photon-error.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";
import type { SecretFound } from "./secret-patterns.ts";

/** A secret that was found in an outgoing text. Never contains the secret itself. */
export interface Finding {
  /** What it is, in a few words. */
  readonly what: string;
  /** From 1. */
  readonly line: number;
  /** 8 hexadecimal digits with which a person can allow it; always the same for the same secret. */
  readonly code: string;
}

export interface Masked {
  readonly text: string;
  /** The secrets that were removed from the text. */
  readonly findings: readonly Finding[];
}

/** Options of a scan. */
interface ScanOptions {
  /** Codes of findings that a person allowed. */
  readonly allowed?: readonly string[] | undefined;
  /** This machine's key to the bridge, in any form. */
  readonly ownKey?: string | null;
}

/** A shorter key could be an ordinary word. */
const MIN_OWN_KEY_CHARS = 12;

/**
 * Replaces the secrets that a scan finds in a text with a description, and changes nothing else.
 *
 * @throws PhotonError `internal` if the scan fails; the text must not be sent then
 */
export async function maskSecrets(text: string, { allowed = [], ownKey = null }: ScanOptions = {}): Promise<Masked> {
  if (text.trim() === "") return { text, findings: [] };
  const found = merged([...ownKeysIn(text, ownKey), ...(await scanned(text))].sort((a, b) => a.at - b.at));
  const findings: Finding[] = [];
  let masked = "";
  let [at, line, lineAt] = [0, 1, 0];
  for (const secret of found) {
    line += text.slice(lineAt, secret.at).split("\n").length - 1;
    lineAt = secret.at;
    const code = codeOf(secret, text);
    if (allowed.includes(code)) continue;
    findings.push({ what: secret.what, line, code });
    masked += `${text.slice(at, secret.at)}[${secret.what}, left out by Photon]`;
    at = secret.end;
  }
  return { text: masked + text.slice(at), findings };
}

async function scanned(text: string): Promise<SecretFound[]> {
  try {
    const { secretsIn } = await import("./secret-scan.ts");
    return await secretsIn("message.md", text);
  } catch {
    // Without the cause, which may quote the text.
    throw new PhotonError("internal", "The scan for secrets failed: nothing was sent or kept.");
  }
}

function ownKeysIn(text: string, key: string | null): SecretFound[] {
  if (key === null || key.length < MIN_OWN_KEY_CHARS) return [];
  const found: SecretFound[] = [];
  for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + key.length))
    found.push({ what: "this machine's key to the bridge", at, end: at + key.length });
  return found;
}

/** Merges overlapping findings. Several patterns may find the same secret or parts of it; the first one's description is kept. */
function merged(found: readonly SecretFound[]): SecretFound[] {
  const whole: SecretFound[] = [];
  for (const secret of found) {
    const last = whole.at(-1);
    if (last && secret.at < last.end) whole[whole.length - 1] = { ...last, end: Math.max(last.end, secret.end) };
    else whole.push(secret);
  }
  return whole;
}

function codeOf({ what, at, end }: SecretFound, text: string): string {
  return sha256Hex(`${what}\n${text.slice(at, end)}`).slice(0, 8);
}

/** A sentence for the sender that says which secrets were left out. */
export function maskedLine(findings: readonly Finding[]): string | null {
  if (findings.length === 0) return null;
  const named = findings.slice(0, MAX_NAMED).map(({ what, line, code }) => `${what} (line ${line}, ${code})`);
  const rest = findings.length - named.length;
  const all = `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  return `Left out before it was sent: ${all}. If this is not a secret, a person can allow it in a terminal with --allow <code>.`;
}

const MAX_NAMED = 5;
