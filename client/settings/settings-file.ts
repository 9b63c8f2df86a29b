import { lstatSync, statSync } from "node:fs";
import { isNowhere } from "../disk/paths.ts";
import { readJson, recordOf } from "../disk/private-file.ts";

/** What is in config.json. */
export interface SettingsFile {
  /** Empty if there is no file, or if it cannot be used. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Says why the file cannot be used, for a person; null if it can be used or does not exist. */
  readonly problem: string | null;
  /** Whether it can be read, but is not JSON. */
  readonly isDamaged: boolean;
}

/** Reads the settings file, which a person may be editing: nothing is renamed or changed. Never throws. */
export function readSettingsFile(path: string): SettingsFile {
  if (isNowhere(path)) return { value: {}, problem: RELATIVE_HOME, isDamaged: false };
  const read = readJson(path);
  const unusable = (why: string, isDamaged = false) => ({ value: {}, problem: `${path} ${why}.`, isDamaged });
  switch (read.state) {
    case "missing":
      return isDeadLink(path)
        ? unusable("is a link to a file that does not exist")
        : { value: {}, problem: null, isDamaged: false };
    case "damaged":
      return unusable("is not valid JSON", true);
    case "unreadable":
      return unusable(`cannot be read (${read.code})${whyUnreadable(path, read.code)}`);
    case "whole": {
      const value = recordOf(read.value);
      return value ? { value, problem: null, isDamaged: false } : unusable("is not a JSON object", true);
    }
  }
}

const RELATIVE_HOME = "PHOTON_HOME must be an absolute path or begin with ~/, so nothing is read or written.";

function isDeadLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** The rest of the sentence; empty if the code says it all. */
function whyUnreadable(path: string, code: string): string {
  if (code === "EISDIR") return ": it is a folder";
  if (code !== "EACCES" && code !== "EPERM") return "";
  const own = process.getuid?.();
  try {
    return own === undefined || statSync(path).uid === own ? "" : ": it belongs to another user";
  } catch {
    return ": its folder belongs to another user"; // not even its owner can be read
  }
}
