import { basename } from "node:path/posix";

/** A changed file that stays on its machine, and why. */
export interface Exclusion {
  /** Relative to the root, with `/` between its parts. */
  readonly path: string;
  readonly reason: string;
}

/** Larger files make a capsule that nobody can carry: 2 MiB. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024;

const KEYS =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|asc|gpg|ppk)|\.netrc|\.npmrc|\.pypirc|credentials(?:\.json)?|secrets?\.(?:json|ya?ml|toml))$/i;

const ENVIRONMENT = /^\.env(?:$|[.-])/i;
/** These hold names and no values. */
const TEMPLATE = /\.(?:example|sample|template|dist)$/i;

const LFS_POINTER = "version https://git-lfs.github.com/spec/";

/** By its name alone. @returns null when nothing speaks against it */
export function excludedByName(path: string): string | null {
  const name = basename(path);
  if (ENVIRONMENT.test(name) && !TEMPLATE.test(name)) return "it holds an environment's settings";
  if (KEYS.test(name) && !TEMPLATE.test(name)) return "it looks like a key or a password file";
  return null;
}

/** By what is in it. @param size - in bytes @param start - its first bytes, a hundred at least */
export function excludedByContent(size: number, start: Buffer): string | null {
  if (size > MAX_FILE_BYTES) return `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
  if (start.subarray(0, LFS_POINTER.length).toString("latin1") === LFS_POINTER) return "its content is in Git LFS";
  return null;
}
