import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { useWorld } from "../../test/support/capsule/world.ts";

const world = useWorld();

/** Five further capsules of 8 MB, each with the patch that it was made from, would need 90 MB. */
const MAX_MORE_MB = 60;

/** Packs a repository in a process of its own. */
function packed(root: string, out: string): { sent: number; mb: number } {
  mkdirSync(out);
  const module = pathToFileURL(join(import.meta.dirname, "pack-everything.ts")).href;
  const script = `
    import { readFileSync } from "node:fs";
    const { packRepository } = await import(${JSON.stringify(module)});
    const known = { project: "p", root: ${JSON.stringify(root)} };
    const { worktrees } = await packRepository(known, ${JSON.stringify(out)});
    const sent = worktrees.filter(({ parcel }) => parcel !== null).length;
    console.log(JSON.stringify({ sent, mb: Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1000 }));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return JSON.parse(stdout);
}

// Only /proc counts a process's memory without its parent's.
it.skipIf(process.platform !== "linux")("packs six large worktrees with the memory of one", () => {
  world.origin();
  const fill = (folder: string) => {
    for (const file of ["a", "b", "c", "d"]) world.write(file, randomBytes(2_000_000), folder);
  };
  fill(world.mac);
  const one = packed(world.mac, join(world.folder, "one"));
  for (const name of ["1", "2", "3", "4", "5"]) {
    world.git(world.mac, "worktree", "add", "-q", "--detach", join(world.folder, name));
    fill(join(world.folder, name));
  }
  const six = packed(world.mac, join(world.folder, "six"));
  expect([one.sent, six.sent]).toEqual([1, 6]);
  expect(six.mb - one.mb, `${one.mb} MB for one, ${six.mb} MB for six`).toBeLessThan(MAX_MORE_MB);
});
