import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { sha256Hex } from "./sha256-hex.ts";

/** What tells this computer apart. A test can be on another one. */
export interface Computer {
  /** 8 hexadecimal digits; null if the system has no readable id. */
  readonly id: string | null;
  /** The host name, which may change. */
  readonly host: string;
}

export function thisComputer(): Computer {
  return { id: computerId(), host: hostname() };
}

let known: string | null | undefined;

/**
 * Tells computers apart that share a home. From the system's own random id, which only Linux has in a file; its hash,
 * because the id itself should stay secret. Not guaranteed: a cloned virtual machine may have the same one.
 *
 * @returns 8 hexadecimal digits; null if the system has no readable id
 */
export function computerId(): string | null {
  if (known === undefined) known = idIn("/etc/machine-id");
  return known;
}

function idIn(file: string): string | null {
  try {
    const text = readFileSync(file, "utf8").trim();
    return /^[0-9a-f]{32}$/.test(text) ? sha256Hex(`photon ${text}`).slice(0, 8) : null;
  } catch {
    return null;
  }
}
