import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
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
import { parseJson } from "../../contract/parse-json.ts";
import { errorCode } from "./disk-error.ts";

/**
 * Atomically writes a file that only this user can read, in a folder that only this user can open. The new content is
 * on the disk when this returns. Windows ignores the modes, but there the user's folders are private. A crash may leave
 * a `*.tmp` file next to the file; Photon never reads it. A file that this user cannot read is not replaced, because its
 * content would be lost.
 *
 * @param mayReplace - called right before the rename; false leaves the old content
 * @returns the result of `mayReplace`
 * @throws the file system's own error (disk full, read-only home): then the old content is unchanged
 */
export function writePrivateFile(
  path: string,
  content: string | Uint8Array,
  mayReplace: () => boolean = () => true,
): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  requireReadable(path);
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

/**
 * Writes a file that may be lost: atomically and privately like {@link writePrivateFile}, but without waiting for the disk.
 * Never throws; the old content may stay. After a power cut the content may be damaged.
 */
export function writeLosableFile(path: string, content: string): void {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, content, { mode: 0o600, flag: "wx" });
    replaceFile(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}

function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

/** Makes the rename survive a power cut. Not every system supports this. */
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
    // The file is written, but a power cut in the next seconds may undo the rename.
  }
}

/** Retries on Windows, which refuses to replace a file that another process (a virus scanner, a session) has open. */
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
 * Reads one of Photon's own JSON files, which may be missing or damaged. A damaged file is renamed to `<name>.damaged`,
 * so that a person can look at it. A file that a newer Photon wrote is left unchanged.
 *
 * @returns undefined if the file is missing, damaged or newer
 */
export function readPrivateJson(path: string): unknown {
  const file = readVersioned(path);
  return file.state === "whole" ? file.value : undefined;
}

type VersionedFile = { state: "missing" } | { state: "newer" } | { state: "whole"; value: unknown };

/** Like {@link readPrivateJson}, for a caller that also writes the file and must not replace a newer Photon's. */
export function readVersioned(path: string): VersionedFile {
  const file = readJson(path);
  if (file.state === "damaged") setAside(path);
  if (file.state !== "whole") return { state: "missing" };
  return (numberField(file.value, "v") ?? FILE_VERSION) > FILE_VERSION ? { state: "newer" } : file;
}

/** The damaged files that {@link readPrivateJson} renamed in these folders. */
export function damagedFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => name.endsWith(DAMAGED))
        .map((name) => join(folder, name));
    } catch {
      return []; // the folder does not exist yet
    }
  });
}

const DAMAGED = ".damaged";

type JsonFile =
  | { readonly state: "missing" | "damaged" }
  /** `code`: the system's reason, such as `EACCES`. */
  | { readonly state: "unreadable"; readonly code: string }
  | { readonly state: "whole"; readonly value: unknown };

/** Reads a JSON file that a person may be editing: a damaged one is not renamed. */
export function readJson(path: string): JsonFile {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    const code = errorCode(error) ?? "unknown error";
    return /^(?:ENOENT|ENOTDIR)$/.test(code) ? { state: "missing" } : { state: "unreadable", code };
  }
  const value = parseJson(textOf(content));
  return value === undefined ? { state: "damaged" } : { state: "whole", value };
}

/** A file's content. Callers treat an unreadable file as a missing one. */
export function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** Renames a damaged file, so that a person can look at it. */
export function setAside(path: string): void {
  try {
    chmodSync(path, 0o600); // a person may have created it, readable for others and with the key in it
    renameSync(path, `${path}${DAMAGED}`);
  } catch {
    // Another process was faster, or the folder is read-only: then the file is skipped again next time.
  }
}

/** The matching names in a folder, sorted; empty if the folder does not exist. */
export function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** Removes the matching files last written before a time (in milliseconds since 1970). Never throws. */
export function removeOlderFiles(folder: string, pattern: RegExp, before: number): void {
  try {
    for (const name of namesIn(folder, pattern)) {
      const file = join(folder, name);
      if (statSync(file).mtimeMs < before) rmSync(file, { force: true });
    }
  } catch {
    // Another process is removing the same files.
  }
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** A string field of a parsed JSON value. The hooks parse by hand: loading zod would double their start-up time. */
export function textField(value: unknown, key: string): string | undefined {
  const field = recordOf(value)?.[key];
  return typeof field === "string" ? field : undefined;
}

/** A finite number field of a parsed JSON value. */
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

/**
 * The text of a file that a person may have saved with an editor or a shell on Windows: UTF-8 with or without a byte order
 * mark, or UTF-16 with one.
 */
function textOf(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return bytes.toString("utf16le", 2);
  if (first === 0xfe && second === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString("utf16le");
  return bytes.toString().replace(/^\uFEFF/, "");
}
