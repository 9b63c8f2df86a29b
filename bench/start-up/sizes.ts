import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export interface Size {
  /** Below dist/. */
  readonly file: string;
  readonly bytes: number;
  /** Compressed, as in a download. */
  readonly gzipBytes: number;
}

export function bundleSizes(dist: string): Size[] {
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, content: readFileSync(path) }))
    .map(({ path, content }) => ({
      file: path.slice(dist.length + 1).replaceAll("\\", "/"),
      bytes: content.length,
      gzipBytes: gzipSync(content).length,
    }))
    .sort((a, b) => a.file.localeCompare(b.file));
}
