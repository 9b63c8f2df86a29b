import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "photon-capsule-";

/** Building and applying take less: an older folder was left behind by a killed process. */
const LEFT_BEHIND_MS = 60 * 60 * 1_000;

/** Runs something with a folder that only this user can read, then removes it. Also removes what killed processes left. */
export async function inTemporaryFolder<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  try {
    await removeLeftovers();
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeLeftovers(): Promise<void> {
  const parent = tmpdir();
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const folder = join(parent, name);
    const stats = await lstat(folder).catch(() => null);
    if (stats?.isDirectory() !== true || Date.now() - stats.mtimeMs < LEFT_BEHIND_MS) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined); // it belongs to another user
  }
}
