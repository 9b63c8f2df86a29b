import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BASE_ENV } from "./environment.ts";
import { mustRun } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * A git repository with what a user would clone: the tracked files and nothing else, so that a forgotten dist file shows.
 * `PHOTON_E2E_UNTRACKED=1` adds the files that are not committed yet, for work in progress.
 */
export async function makePluginRepository(folder: string): Promise<string> {
  const env = { ...BASE_ENV, HOME: folder };
  const untracked = process.env.PHOTON_E2E_UNTRACKED === "1" ? ["--others", "--exclude-standard"] : [];
  const listed = await mustRun("git", ["ls-files", "-z", "--cached", ...untracked], { cwd: ROOT, env: BASE_ENV });
  await mkdir(folder, { recursive: true });
  for (const path of new Set(listed.split("\0"))) {
    if (path === "") continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(ROOT, path), join(folder, path));
  }
  const git = (...args: string[]) =>
    mustRun("git", ["-c", "user.name=e2e", "-c", "user.email=e2e@example.invalid", ...args], { cwd: folder, env });
  await git("init", "--quiet", "--initial-branch=main");
  // What is tracked is what a clone has, even where the ignore file would leave it out.
  await git("add", "--all", "--force");
  await git("commit", "--quiet", "--message", "Photon");
  return folder;
}
