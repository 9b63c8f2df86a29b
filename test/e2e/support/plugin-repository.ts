import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BASE_ENV } from "./environment.ts";
import { mustRun } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * A git repository with the files that a user would clone: only the tracked ones, so that a missing dist file is noticed.
 * `PHOTON_E2E_UNTRACKED=1` adds untracked files, for work in progress.
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
  // A clone has all tracked files, even those that .gitignore matches.
  await git("add", "--all", "--force");
  await git("commit", "--quiet", "--message", "Photon");
  return folder;
}
