import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The last commit of 0.5.0, which has two message stores: an event log on KV, and the Mailroom. */
export const EARLIER_COMMIT = "fcc5728";
export const EARLIER_VERSION = "0.5.0";

/**
 * Extracts paths of the earlier version from this repository's history.
 *
 * @param folder - created for them
 * @throws if the history does not have the commit, as in a shallow clone
 */
export function extractEarlier(folder: string, paths: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, "..", `${EARLIER_COMMIT}.tar`);
  writeFileSync(archive, git(["archive", EARLIER_COMMIT, ...paths]));
  execFileSync("tar", ["-xf", archive, "-C", folder]);
}

/** Runs git on the history. @throws if the history does not have the commit */
export function git(args: readonly string[]): Buffer {
  try {
    execFileSync("git", ["-C", ROOT, "cat-file", "-e", `${EARLIER_COMMIT}^{commit}`], { stdio: "ignore" });
  } catch {
    throw new Error(
      `The comparison needs the commit ${EARLIER_COMMIT} (${EARLIER_VERSION}), which is not in this clone. Fetch the history first: git fetch --unshallow`,
    );
  }
  return execFileSync("git", ["-C", ROOT, ...args], { maxBuffer: 256 * 1024 * 1024 });
}
