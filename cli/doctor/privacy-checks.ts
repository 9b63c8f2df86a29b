import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { dataFolders, type Paths } from "../../client/disk/paths.ts";
import { type Check, ok, warn } from "./checks.ts";

/** Whether other users of this computer can open what Photon keeps here. A folder that is closed closes what is in it. */
export function privacyChecks(paths: Paths, platform: NodeJS.Platform = process.platform): Check[] {
  const { config, keys } = paths;
  const folders = [...new Set([dirname(config), ...dataFolders(paths)])].filter((folder) => existsSync(folder));
  return [
    ...fileCheck("settings file", config, platform),
    ...fileCheck("keys file", keys, platform),
    ...(platform === "win32" ? [ON_WINDOWS] : [folderCheck(folders.filter(isOpen))]),
  ];
}

/** Modes mean nothing there. What Photon makes has the rights of the folder that it is made in. */
const ON_WINDOWS = ok(
  "privacy",
  "not looked at: on Windows the rights (ACLs) of your own user folder hold for Photon's",
);

function fileCheck(name: string, file: string, platform: NodeJS.Platform): Check[] {
  if (!existsSync(file)) return [];
  return platform !== "win32" && isOpen(file)
    ? [warn(name, `${file} can be read by others`, `chmod 600 "${file}"`)]
    : [ok(name, file)];
}

function folderCheck(open: readonly string[]): Check {
  if (open.length === 0) return ok("privacy", "no other user can open Photon's folders");
  const [first = "", ...others] = open;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return warn(
    "privacy",
    `${first}${more} can be opened by others`,
    `chmod 700 ${open.map((folder) => `"${folder}"`).join(" ")}`,
  );
}

/** Whether anybody but the owner may do anything with it. */
function isOpen(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o077) !== 0;
}
