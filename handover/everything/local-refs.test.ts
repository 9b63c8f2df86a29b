import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { useWorld } from "../../test/support/capsule/world.ts";
import { findRepository } from "../git/repository.ts";
import { reachableRemotes } from "../git/shared-remote.ts";
import { localRefs, localTags } from "./local-refs.ts";

const world = useWorld();

/** A remote that has everything that `mac` has now, and that another machine can reach. */
function origin(): void {
  world.origin();
  world.git(world.mac, "remote", "set-url", "origin", "git@git.example:app.git");
}

async function refs() {
  const repository = await findRepository(world.mac);
  if (typeof repository === "string") throw new Error(repository);
  const remotes = await reachableRemotes(world.mac);
  return { refs: await localRefs(repository, [], remotes), tags: await localTags(repository, remotes) };
}

it("names each branch whose own name cannot travel differently, even if they are one commit", async () => {
  origin();
  world.git(world.mac, "checkout", "-q", "-b", "feature/👩‍💻");
  const commit = world.commit(world.mac, "a feature");
  const stand = `branch-${commit.slice(0, 12)}`;
  for (const name of ["backup/👩‍💻", stand]) world.git(world.mac, "branch", name);
  const names = (await refs()).refs.map(({ name }) => name);
  expect(names.sort()).toEqual([stand, `${stand}-2`, `${stand}-3`]);
});

it.each([
  ["a folder", (): string => join(world.folder, "backup.git")],
  ["a file URL", (): string => `file://${world.folder}/backup.git`],
  ["this machine", (): string => "ssh://git@localhost:2222/backup.git"],
  ["a folder for pushing", (): string => "https://git.example/backup.git"],
])("counts what only %s has as local", async (what, url) => {
  origin();
  world.git(world.folder, "clone", "-q", "--bare", world.mac, "backup.git");
  world.git(world.mac, "remote", "add", "backup", join(world.folder, "backup.git"));
  world.git(world.mac, "checkout", "-q", "-b", "precious");
  const commit = world.commit();
  world.git(world.mac, "push", "-q", "backup", "precious");
  world.git(world.mac, "remote", "set-url", "backup", url());
  if (what === "a folder for pushing")
    world.git(world.mac, "remote", "set-url", "--push", "backup", join(world.folder, "backup.git"));
  expect((await refs()).refs).toMatchObject([{ name: "precious", commit, commits: 1 }]);
});

it("lists tags with commits that no branch has, as branches", async () => {
  origin();
  world.git(world.mac, "tag", "on-main");
  world.git(world.mac, "checkout", "-q", "--detach");
  const commit = world.commit(world.mac, "only under a tag");
  world.git(world.mac, "tag", "-m", "annotated", "wip");
  world.git(world.mac, "checkout", "-q", "main");
  expect((await refs()).tags).toMatchObject([
    { name: "photon/tag/wip", calledHere: "tag wip", kind: "branch", commit },
  ]);
});

it("finds a stash whose list is gone", async () => {
  origin();
  world.write("README.md", "stashed\n");
  world.git(world.mac, "stash", "-q");
  rmSync(join(world.mac, ".git/logs/refs/stash"), { force: true });
  const commit = world.git(world.mac, "rev-parse", "refs/stash");
  expect((await refs()).refs).toMatchObject([{ kind: "stash", name: "0", commit }]);
});

it("finds the stash of a rebase that waits for a person", async () => {
  origin();
  world.git(world.mac, "checkout", "-q", "-b", "mine");
  world.write("README.md", "mine\n");
  world.commit();
  world.git(world.mac, "checkout", "-q", "-B", "theirs", "main");
  world.write("README.md", "theirs\n");
  world.commit();
  world.git(world.mac, "checkout", "-q", "mine");
  world.write("src/a.txt", "uncommitted\n");
  world.gitFails(world.mac, "rebase", "--autostash", "theirs");
  const commit = readFileSync(join(world.mac, ".git/rebase-merge/autostash"), "utf8").trim();
  const stash = (await refs()).refs.find(({ kind }) => kind === "stash");
  expect(stash).toMatchObject({ name: "0", commit });
  expect(world.git(world.mac, "show", `${stash?.commit}:src/a.txt`)).toBe("uncommitted");
});
