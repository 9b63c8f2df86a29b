import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { useWorld } from "../../test/support/capsule/world.ts";
import { packRepository } from "./pack-everything.ts";
import { reportText } from "./report-text.ts";

const world = useWorld();

const COMMIT = ["commit", "-q", "--allow-empty", "-m", "work"];

/** What is reported of `mac` if origin, which another machine can reach, has all its commits of now. */
async function report(change: () => void): Promise<string> {
  world.origin();
  world.git(world.mac, "remote", "set-url", "origin", "https://git.example/app.git");
  change();
  const out = join(world.folder, "out");
  mkdirSync(out);
  return reportText([await packRepository({ project: "p", root: world.mac }, out)]);
}

function submodule(): string {
  world.git(world.folder, "clone", "-q", "--bare", world.mac, "sub.git");
  world.git(world.mac, "submodule", "--quiet", "add", join(world.folder, "sub.git"), "lib");
  world.commit();
  const lib = join(world.mac, "lib");
  world.git(lib, "remote", "set-url", "origin", "https://git.example/lib.git");
  return lib;
}

it("says that nothing would be lost if a remote has everything", async () => {
  submodule();
  expect(await report(() => {})).toMatch(/^Nothing would be lost: /);
});

it.each<[string, () => void, RegExp]>([
  ["a tag", () => world.git(world.mac, "tag", "wip", tree("tagged")), /branch photon\/tag\/wip \(here: tag wip\)/],
  ["git notes", () => world.git(world.mac, "notes", "add", "-m", "a note"), /1 ref with .*: refs\/notes\/commits\./],
  [
    "a file under a tag",
    () => world.git(world.mac, "tag", "file", "HEAD:README.md"),
    /1 ref with .*: refs\/tags\/file\./,
  ],
  [
    "a worktree that is elsewhere now",
    moveWorktree,
    /worktree \S.*wt is not there now: it may hold uncommitted files\./,
  ],
  ["a branch of a removed remote", () => track("gone"), /1 ref with .*: refs\/remotes\/gone\/theirs\./],
])("lists %s", async (_, change, line) => {
  const text = await report(change);
  expect(text).toMatch(line);
  expect(text).not.toContain("Nothing would be lost");
});

it.each<[string, readonly (readonly string[])[]]>([
  ["on a branch", [["checkout", "-q", "-b", "wip"], COMMIT, ["checkout", "-q", "-"]]],
  ["in a stash", [["stash", "-q", "-u"]]],
  ["on a detached HEAD", [["checkout", "-q", "--detach"], COMMIT]],
])("names a submodule with commits %s", async (_, commands) => {
  const lib = submodule();
  const text = await report(() => {
    world.write("new", "new\n", lib);
    for (const command of commands) world.git(lib, ...command);
  });
  expect(text).toContain("the submodule lib has commits or stashes that no capsule carries.");
});

/** A commit that no ref has. */
function tree(message: string, folder = world.mac): string {
  return world.git(folder, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", message);
}
function track(remote: string): void {
  world.git(world.mac, "update-ref", `refs/remotes/${remote}/theirs`, tree("theirs"));
}
function moveWorktree(): void {
  world.git(world.mac, "worktree", "add", "-q", "--detach", join(world.folder, "wt"));
  renameSync(join(world.folder, "wt"), join(world.folder, "moved"));
}
