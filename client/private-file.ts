import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";

/**
 * Writes a file only this user can read, in a folder only this user can open. A reader sees the old content or the new,
 * never half of it. On Windows the modes mean nothing; the user's own folders are private there.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileAtomic.sync(path, text, { mode: 0o600 });
}

export function writePrivateJson(path: string, value: unknown): void {
  writePrivateFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Reads a JSON file that may be missing or damaged. A damaged one is set aside as `<name>.damaged`, so that it is neither
 * lost nor in the way.
 *
 * @returns undefined when there is nothing to read
 */
export function readPrivateJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    setAside(path);
    return undefined;
  }
}

/** Moves a file that cannot be used out of the way, keeping it for a person to look at. */
export function setAside(path: string): void {
  try {
    renameSync(path, `${path}.damaged`);
  } catch {
    // Another process was faster, or the folder is read-only: then it stays, and is skipped again next time.
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
