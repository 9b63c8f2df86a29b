import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Size {
  /** Below dist/. */
  readonly file: string;
  readonly bytes: number;
}

export function bundleSizes(dist: string): Size[] {
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ file: path.slice(dist.length + 1).replaceAll("\\", "/"), bytes: statSync(path).size }))
    .sort((a, b) => a.file.localeCompare(b.file));
}
