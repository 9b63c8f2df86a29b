import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { dataFolders, type Paths } from "../../client/disk/paths.ts";
import { type Check, ok, warn } from "./checks.ts";

/** Whether other users of this computer can open Photon's files. A closed folder also protects the files in it. */
export function privacyChecks(paths: Paths, platform: NodeJS.Platform = process.platform): Check[] {
  const { config, keys } = paths;
  const folders = [...new Set([dirname(config), ...dataFolders(paths)])].filter((folder) => existsSync(folder));
  return [
    ...fileCheck("settings file", config, platform),
    ...fileCheck("keys file", keys, platform),
    ...(platform === "win32" ? [ON_WINDOWS] : [folderCheck(folders.filter(isOpen))]),
  ];
}

/** Windows has no file modes. Photon's files inherit the rights of the folder they are in. */
const ON_WINDOWS = ok(
  "privacy",
  "not checked: on Windows the rights (ACLs) of your user folder apply to Photon's files",
);

function fileCheck(name: string, file: string, platform: NodeJS.Platform): Check[] {
  if (!existsSync(file)) return [];
  return platform !== "win32" && isOpen(file)
    ? [warn(name, `other users can read ${file}`, `chmod 600 "${file}"`)]
    : [ok(name, file)];
}

function folderCheck(open: readonly string[]): Check {
  if (open.length === 0) return ok("privacy", "other users cannot open Photon's folders");
  const [first = "", ...others] = open;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return warn(
    "privacy",
    `other users can open ${first}${more}`,
    `chmod 700 ${open.map((folder) => `"${folder}"`).join(" ")}`,
  );
}

/** Whether the mode gives permissions to anyone but the owner. */
function isOpen(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o077) !== 0;
}
