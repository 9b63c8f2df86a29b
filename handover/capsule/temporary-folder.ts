import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "photon-capsule-";

/** Nothing here takes that long: an older folder belongs to a process that was killed. */
const LEFT_BEHIND_MS = 60 * 60 * 1_000;

/** A folder only this user can read, for as long as something runs. What killed processes left behind goes, too. */
export async function inTemporaryFolder<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  try {
    await sweep();
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sweep(): Promise<void> {
  const parent = tmpdir();
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const folder = join(parent, name);
    const stats = await lstat(folder).catch(() => null);
    if (stats?.isDirectory() !== true || Date.now() - stats.mtimeMs < LEFT_BEHIND_MS) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined); // another user's
  }
}
