import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isSameName } from "../../contract/address.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, readPrivateJson, textField } from "../disk/private-file.ts";
import { readMachines } from "./machines-cache.ts";

/** Identifies this computer among those with the same machine name. */
export interface Installation {
  /** 8 hexadecimal digits. */
  readonly id: string;
  /** This machine's milliseconds since 1970. */
  readonly createdAt: number;
}

/** Creates the installation on first use. @returns null if it does not exist and cannot be written */
export function readInstallation(paths: Pick<Paths, "installation">, now: number = Date.now()): Installation | null {
  return stored(paths) ?? create(paths, now);
}

function stored({ installation }: Pick<Paths, "installation">): Installation | null {
  const file = readPrivateJson(installation);
  const id = textField(file, "id");
  const createdAt = numberField(file, "createdAt");
  return id !== undefined && /^[0-9a-f]{8}$/.test(id) && createdAt !== undefined ? { id, createdAt } : null;
}

/** Sessions that start at the same time must agree, so the first file is kept, and it appears complete. */
function create(paths: Pick<Paths, "installation">, now: number): Installation | null {
  const draft = `${paths.installation}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(paths.installation), { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ v: 1, id: randomBytes(4).toString("hex"), createdAt: now });
    writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
    linkSync(draft, paths.installation); // unlike a rename, a link does not replace a file
    rmSync(draft);
  } catch {
    if (existsSync(draft)) rmSync(draft, { force: true }); // another session was first, or the disk cannot be written
  }
  return stored(paths);
}

/**
 * A warning if another computer uses this machine's name: each would miss what the other marks read. An installation last
 * seen before this one was created is taken for this computer before its files were deleted.
 *
 * @returns null if no such computer is known
 */
export function nameClash(paths: Pick<Paths, "installation" | "cache">, name: string): string | null {
  const machines = readMachines(paths)?.machines ?? [];
  const installations = machines.find(({ machine }) => isSameName(machine, name))?.installations ?? [];
  const own = installations.length === 0 ? null : stored(paths);
  return own === null || !installations.some(({ id, seenAt }) => id !== own.id && Date.parse(seenAt) > own.createdAt)
    ? null
    : `another computer is also named "${name}". Rename one of them with \`photon setup\`.`;
}
