import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isSameName } from "../../contract/address.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, readPrivateJson, textField } from "../disk/private-file.ts";
import { readMachines } from "./machines-cache.ts";

/** This computer, among those that may call themselves by the same machine name. */
export interface Installation {
  /** 8 hexadecimal digits. */
  readonly id: string;
  /** This machine's milliseconds since 1970. */
  readonly createdAt: number;
}

/** @returns null when there is none and the disk takes nothing */
export function readInstallation(paths: Pick<Paths, "installation">, now: number = Date.now()): Installation | null {
  return stored(paths) ?? create(paths, now);
}

function stored({ installation }: Pick<Paths, "installation">): Installation | null {
  const file = readPrivateJson(installation);
  const id = textField(file, "id");
  const createdAt = numberField(file, "createdAt");
  return id !== undefined && /^[0-9a-f]{8}$/.test(id) && createdAt !== undefined ? { id, createdAt } : null;
}

/** Sessions that start at the same time must agree: the first one's file stays, and it is whole from the start. */
function create(paths: Pick<Paths, "installation">, now: number): Installation | null {
  const draft = `${paths.installation}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(paths.installation), { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ v: 1, id: randomBytes(4).toString("hex"), createdAt: now });
    writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
    linkSync(draft, paths.installation); // unlike a rename it does not replace
    rmSync(draft);
  } catch {
    if (existsSync(draft)) rmSync(draft, { force: true }); // another session was first, or the disk takes nothing
  }
  return stored(paths);
}

/**
 * What is to be said when another computer uses this machine's name too: whatever one of them marks read, the other never
 * sees. One that was only used before this one was set up is this one, before its files were deleted and made anew.
 *
 * @returns null when no such computer is known
 */
export function nameClash(paths: Pick<Paths, "installation" | "cache">, name: string): string | null {
  const machines = readMachines(paths)?.machines ?? [];
  const installations = machines.find(({ machine }) => isSameName(machine, name))?.installations ?? [];
  const own = installations.length === 0 ? null : stored(paths);
  return own === null || !installations.some(({ id, seenAt }) => id !== own.id && Date.parse(seenAt) > own.createdAt)
    ? null
    : `another computer uses the name "${name}" too; give one of them another with \`photon setup\`.`;
}
