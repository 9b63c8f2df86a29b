import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { parseJson } from "./parse-json.ts";

/**
 * Writes a file only this user can read, in a folder only this user can open. A reader sees the old content or the new,
 * never half of it, and the new one is on the disk when this returns. On Windows the modes mean nothing; the user's own
 * folders are private there. A crash may leave a `*.tmp` beside the file, which nobody reads.
 *
 * @param mayReplace - asked last, when only the file's name is missing: false leaves the old content
 * @returns what it said
 * @throws the file system's own error (disk full, read-only home): then the old content is still there
 */
export function writePrivateFile(
  path: string,
  content: string | Uint8Array,
  mayReplace: () => boolean = () => true,
): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (!mayReplace()) {
      rmSync(temporary, { force: true });
      return false;
    }
    replaceFile(temporary, path);
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** So that the name survives a power cut, too. Not every system can do it. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  try {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // The file is written and has its name; a power cut in the next seconds may still undo that.
  }
}

/** Windows refuses to replace a file that somebody (a virus scanner, another session) has open at this moment. */
export function replaceFile(from: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (process.platform !== "win32" || attempt === MAX_REPLACE_ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REPLACE_PAUSE_MS);
    }
  }
}

const MAX_REPLACE_ATTEMPTS = 5;
const REPLACE_PAUSE_MS = 10;

export function writePrivateJson(path: string, value: unknown): void {
  writePrivateFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The version of the files that this code writes and reads, in their field `v`. */
const FILE_VERSION = 1;

/**
 * Reads a JSON file of Photon's own that may be missing or damaged. A damaged one is set aside as `<name>.damaged`, so that
 * it is neither lost nor in the way; one that a newer Photon wrote is left as it is.
 *
 * @returns undefined when there is nothing to read
 */
export function readPrivateJson(path: string): unknown {
  const file = readVersioned(path);
  return file.state === "whole" ? file.value : undefined;
}

type VersionedFile = { state: "missing" } | { state: "newer" } | { state: "whole"; value: unknown };

/** The same for somebody who will write it, too: a newer Photon's must stay. What was damaged is missing now. */
export function readVersioned(path: string): VersionedFile {
  const file = readJson(path);
  if (file.state === "damaged") setAside(path);
  if (file.state !== "whole") return { state: "missing" };
  return (numberField(file.value, "v") ?? FILE_VERSION) > FILE_VERSION ? { state: "newer" } : file;
}

/** What {@link readPrivateJson} has set aside in these folders, for a person to look at. */
export function damagedFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => name.endsWith(DAMAGED))
        .map((name) => join(folder, name));
    } catch {
      return []; // not there yet
    }
  });
}

const DAMAGED = ".damaged";

/** A JSON file as it is, for one that a person may be editing: it is left alone whatever is in it. */
export function readJson(path: string): { state: "missing" | "damaged" } | { state: "whole"; value: unknown } {
  const content = readIfThere(path);
  if (content === null) return { state: "missing" };
  const value = parseJson(content.toString());
  return value === undefined ? { state: "damaged" } : { state: "whole", value };
}

/** A file's content; null if it cannot be read. */
export function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** Moves a file that cannot be used out of the way, keeping it for a person to look at. */
function setAside(path: string): void {
  try {
    chmodSync(path, 0o600); // a person's own file may be open to others, and has the key
    renameSync(path, `${path}${DAMAGED}`);
  } catch {
    // Another process was faster, or the folder is read-only: then it stays, and is skipped again next time.
  }
}

/** The names of a folder that match, sorted; none when the folder is not there. */
export function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** Removes the files of a folder that match and were last written before a time, in milliseconds since 1970. Never throws. */
export function removeOlderFiles(folder: string, pattern: RegExp, before: number): void {
  try {
    for (const name of namesIn(folder, pattern)) {
      const file = join(folder, name);
      if (statSync(file).mtimeMs < before) rmSync(file, { force: true });
    }
  } catch {
    // Not there yet, or another process is tidying up too.
  }
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** A field of a parsed JSON value, when it is a text. The hooks parse by hand because zod would double their start. */
export function textField(value: unknown, key: string): string | undefined {
  const field = recordOf(value)?.[key];
  return typeof field === "string" ? field : undefined;
}

/** A field of a parsed JSON value, when it is a finite number. */
export function numberField(value: unknown, key: string): number | undefined {
  const field = recordOf(value)?.[key];
  return typeof field === "number" && Number.isFinite(field) ? field : undefined;
}

export function recordOf(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
