import { isSameName } from "../../contract/address.ts";
import { type Computer, thisComputer } from "../disk/computer-id.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf } from "../disk/private-file.ts";
import { presentInstallation } from "../settings/installation.ts";
import { readMachines } from "./machines-cache.ts";

type ClashPaths = Pick<Paths, "installation" | "cache" | "keys">;

/** For how long a copy is reported on the computer that has it: later, the original is no longer in use. */
const COPY_REPORTED_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * A warning if another computer uses this machine's name: each would miss what the other marks read. An installation last
 * seen before this one was created is taken for this computer before its files were deleted. If the files here are a copy,
 * the warning comes before the bridge knows of both.
 *
 * @returns null if no such computer is known
 */
export function nameClash(
  paths: ClashPaths,
  name: string,
  now: number = Date.now(),
  computer: Computer = thisComputer(),
): string | null {
  const own = presentInstallation(paths, computer);
  if (own === null) return null;
  const machines = readMachines(paths)?.machines ?? [];
  const installations = machines.find(({ machine }) => isSameName(machine, name))?.installations ?? [];
  const isUsed = installations.some(({ id, seenAt }) => id !== own.id && Date.parse(seenAt) > own.createdAt);
  if (isUsed) return `another computer is also named "${name}". ${remedy(paths)}`;
  const isNewCopy = own.isCopy && Math.abs(now - own.createdAt) < COPY_REPORTED_MS;
  return isNewCopy
    ? `Photon's files here are a copy from another computer, or shared with one. If that is in use, another computer is also named "${name}". ${remedy(paths)}`
    : null;
}

/** The key of the reminder about a clash. A copy of the files begins with a reminder of its own. */
export function clashReminder(paths: Pick<Paths, "installation">): string {
  return `name-clash-${presentInstallation(paths)?.id ?? ""}`;
}

/** Joined machines have different names, so two with one name are copies with the same keys. */
function remedy(paths: ClashPaths): string {
  const keys = recordOf(recordOf(readPrivateJson(paths.keys))?.keys) ?? {};
  return Object.keys(keys).length > 0
    ? "On one of them, delete keys.json, then join again with `photon join` under another name (--machine)."
    : "Rename one of them with `photon setup`.";
}
