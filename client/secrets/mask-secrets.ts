import { createHash } from "node:crypto";
import type { SecretFound } from "./secret-patterns.ts";

/** A secret that was found in a text on its way out; never the secret itself. */
export interface Finding {
  /** In a few words. */
  readonly what: string;
  /** From 1. */
  readonly line: number;
  /** 8 hexadecimal digits by which a person lets it pass; the same for the same secret. */
  readonly code: string;
}

export interface Masked {
  readonly text: string;
  /** What is no longer in it. */
  readonly findings: readonly Finding[];
}

/**
 * A text without the secrets that a scan knows: words of ours stand where they were, everything else is as it was.
 *
 * @param allowed - codes of findings that a person lets pass
 */
export async function maskSecrets(text: string, allowed: readonly string[] = []): Promise<Masked> {
  if (text.trim() === "") return { text, findings: [] };
  const { secretsIn } = await import("./secret-scan.ts");
  const found = merged(await secretsIn("message.md", text))
    .map((secret) => ({ ...secret, ...findingOf(secret, text) }))
    .filter(({ code }) => !allowed.includes(code));
  let masked = "";
  let at = 0;
  for (const secret of found) {
    masked += `${text.slice(at, secret.at)}[${secret.what}, left out by Photon]`;
    at = secret.end;
  }
  return { text: masked + text.slice(at), findings: found.map(({ what, line, code }) => ({ what, line, code })) };
}

/** Two patterns may know the same secret, or parts of it: the first one's words stand for all of it. */
function merged(found: readonly SecretFound[]): SecretFound[] {
  const whole: SecretFound[] = [];
  for (const secret of found) {
    const last = whole.at(-1);
    if (last && secret.at < last.end) whole[whole.length - 1] = { ...last, end: Math.max(last.end, secret.end) };
    else whole.push(secret);
  }
  return whole;
}

function findingOf({ what, at, end }: SecretFound, text: string): Finding {
  const code = createHash("sha256")
    .update(`${what}\n${text.slice(at, end)}`)
    .digest("hex")
    .slice(0, 8);
  return { what, line: text.slice(0, at).split("\n").length, code };
}

/** What was left out, as a sentence for whoever sent it; null when nothing was. */
export function maskedLine(findings: readonly Finding[]): string | null {
  if (findings.length === 0) return null;
  const named = findings.slice(0, MAX_NAMED).map(({ what, line, code }) => `${what} (line ${line}, ${code})`);
  const rest = findings.length - named.length;
  const all = `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  return `Left out before it was sent: ${all}. If it is no secret, a person lets it pass in a terminal with --allow <code>.`;
}

const MAX_NAMED = 5;
