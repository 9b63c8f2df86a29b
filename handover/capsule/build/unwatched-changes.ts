import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { gitBytes, gitText } from "../../../client/git/git.ts";
import { splitAtNul } from "../../git/git-entries.ts";

/** In a sparse checkout all files that are left out are marked; only so many are looked for. */
const MAX_LOOKED_FOR = 2_000;

/** `h`: assume-unchanged, `S`: skip-worktree, `s`: both. */
const MARKED = /^([hsS]) \d{6} ([0-9a-f]+) 0\t([\s\S]+)$/;

/** Files that git was told not to look at (assume-unchanged, skip-worktree) and that are not what git has. */
export async function unwatchedChanges(root: string): Promise<string[]> {
  const entries = splitAtNul(await gitBytes(root, ["ls-files", "-v", "-s", "-z"]));
  const marked = entries.filter((entry) => entry[0] !== 0x48).slice(0, MAX_LOOKED_FOR);
  const there: { path: string; object: string }[] = [];
  for (const entry of marked) {
    const [, , object = "", path = ""] = MARKED.exec(entry.toString()) ?? [];
    const stats = path === "" || path.includes("\n") ? null : await lstat(join(root, path)).catch(() => null);
    if (stats?.isFile() === true) there.push({ path, object });
  }
  if (there.length === 0) return [];
  const stdin = Buffer.from(there.map(({ path }) => `${path}\n`).join(""));
  const objects = (await gitText(root, ["hash-object", "--stdin-paths"], { stdin })).split("\n");
  return there.filter(({ object }, at) => objects[at] !== object).map(({ path }) => path);
}
