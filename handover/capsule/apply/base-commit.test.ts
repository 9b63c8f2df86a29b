import { chmodSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { everything, treeOf, useWorld } from "../../../test/support/capsule/world.ts";
import { buildCapsule } from "../build/build-capsule.ts";
import { applyHere, applyInWorktree, planCapsule } from "./apply-capsule.ts";

const world = useWorld();

/** A clone that lacks the commits that `mac` pushed later. The work of `mac` builds on these. */
async function pushedMeanwhile() {
  const { bare, pc } = world.origin();
  world.write("pushed", "x");
  world.commit();
  world.git(world.mac, "push", "-q", "origin", "main");
  world.write("work", "x");
  return { bare, pc, built: await buildCapsule(world.mac) };
}

describe("the base commit of the work", () => {
  it("is fetched if only the remote has it, without changing any ref", async () => {
    const { pc, built } = await pushedMeanwhile();
    expect(built.content.bundle).toBeNull();
    const refs = world.git(pc, "show-ref");
    await planCapsule(pc, built.content, false);
    expect(world.git(pc, "show-ref")).toBe(refs);
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(treeOf(applied.folder)).toEqual(treeOf(world.mac));
  });

  it("is fetched with its branch from a remote that refuses hashes, without changing any ref", async () => {
    const { pc, built } = await pushedMeanwhile();
    world.write("later", "x");
    world.git(world.mac, "add", "later");
    world.git(world.mac, "commit", "-q", "-m", "later");
    world.git(world.mac, "push", "-q", "origin", "main");
    world.git(pc, "config", "protocol.version", "0");
    const refs = world.git(pc, "show-ref");
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(readFileSync(join(applied.folder, "work"), "utf8")).toBe("x");
    world.git(pc, "branch", "-m", "photon/resumed", "renamed");
    expect(
      world
        .git(pc, "show-ref")
        .split("\n")
        .filter((line) => !line.endsWith("/renamed")),
    ).toEqual(refs.split("\n"));
  });

  it.each([
    ["at the end of another branch", false],
    ["below the end of another branch", true],
  ])("is fetched %s, from a remote that refuses hashes, without changing any ref", async (_, isBelow) => {
    const { bare, pc } = world.origin();
    world.git(world.mac, "checkout", "-q", "-b", "here-only");
    world.write("pushed", "x");
    world.commit();
    world.git(world.mac, "push", "-q", "origin", "HEAD:refs/heads/elsewhere");
    world.write("work", "x");
    const built = await buildCapsule(world.mac);
    if (isBelow) {
      world.commit();
      world.git(world.mac, "push", "-q", "origin", "HEAD:refs/heads/elsewhere");
    }
    world.git(pc, "config", "protocol.version", "0");
    expect(world.git(bare, "branch", "--format=%(refname:short)")).toContain("elsewhere");
    const refs = world.git(pc, "show-ref");
    await planCapsule(pc, built.content, false);
    expect(world.git(pc, "show-ref")).toBe(refs);
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(readFileSync(join(applied.folder, "work"), "utf8")).toBe("x");
  });

  it("is fetched from a second remote if the first does not answer", async () => {
    const { bare, pc, built } = await pushedMeanwhile();
    world.git(pc, "remote", "rename", "origin", "work");
    world.git(pc, "remote", "add", "origin", join(world.folder, "nowhere"));
    expect(world.git(pc, "remote", "get-url", "work")).toBe(bare);
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(treeOf(applied.folder)).toEqual(treeOf(world.mac));
  });

  it.each(["x:refs/heads/written", "*:refs/heads/any/*"])("is not looked for in a remote's branch %s", async (name) => {
    const { pc, built } = await pushedMeanwhile();
    const tip = world.git(pc, "rev-parse", "HEAD");
    const names = ["x", name].map((each) => `${tip}\trefs/heads/${each}\n`);
    // A remote of plain files, whose names git does not check. It lacks the base, so all of its branches are tried.
    const server = createServer((request, response) => {
      const isList = request.url?.startsWith("/info/refs");
      response.writeHead(isList ? 200 : 404).end(isList ? names.join("") : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("no_proxy", "127.0.0.1");
    try {
      const { port } = server.address() as AddressInfo;
      world.git(pc, "remote", "set-url", "origin", `http://127.0.0.1:${port}`);
      const refs = world.git(pc, "show-ref");
      await expect(planCapsule(pc, built.content, false)).rejects.toThrow("neither here nor on a remote");
      expect(world.git(pc, "show-ref")).toBe(refs);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it("is fetched into a shallow clone that lacks it", async () => {
    const { bare, built } = await pushedMeanwhile();
    world.write("later", "x");
    world.git(world.mac, "add", "later");
    world.git(world.mac, "commit", "-q", "-m", "later");
    world.git(world.mac, "push", "-q", "origin", "main");
    world.git(world.folder, "clone", "-q", "--depth=1", `file://${bare}`, "shallow");
    const applied = await applyInWorktree(join(world.folder, "shallow"), built.content, world.target());
    expect(readFileSync(join(applied.folder, "work"), "utf8")).toBe("x");
  });

  it("comes from the bundle, whose own base is fetched", async () => {
    const { pc } = await pushedMeanwhile();
    world.write("committed", "x");
    world.git(world.mac, "add", "committed");
    world.git(world.mac, "commit", "-q", "-m", "unpushed");
    const built = await buildCapsule(world.mac);
    expect(built.commits).toBe(1);
    const applied = await applyInWorktree(pc, built.content, world.target());
    expect(treeOf(applied.folder)).toEqual(treeOf(world.mac));
  });

  it("comes from the bundle without any network if the clone has its base", async () => {
    const { bare, pc } = world.origin();
    world.write("committed", "x");
    world.commit();
    rmSync(bare, { recursive: true });
    await world.carryWhole(world.mac, pc);
  });

  it("leads to an error with nothing changed if it cannot be found", async () => {
    const { bare, pc, built } = await pushedMeanwhile();
    rmSync(bare, { recursive: true });
    world.git(pc, "remote", "add", "second", "https://me:password@127.0.0.1:1/x.git");
    const before = everything(pc);
    for (const attempt of [
      () => planCapsule(pc, built.content, false),
      () => applyInWorktree(pc, built.content, world.target()),
      () => applyHere(pc, built.content),
    ])
      await expect(attempt()).rejects.toThrow(
        new RegExp(
          `^The work starts from the commit ${built.content.base?.slice(0, 12)}, which is neither here nor on a remote that answers. origin: .* does not appear to be a git repository. second: unable to access 'https://127.0.0.1:1/x.git/': `,
        ),
      );
    expect(everything(pc)).toEqual(before);
  });

  it("is empty for work from before the first commit, which merges into a project with commits", async () => {
    const unborn = join(world.folder, "unborn");
    world.git(world.folder, "init", "-q", unborn);
    world.write("first", "x", unborn);
    const { content } = await buildCapsule(unborn);
    await applyHere(world.mac, content);
    expect(Object.keys(treeOf(world.mac))).toEqual(["README.md", "first", "src/a.txt"]);
  });
});

describe("planning", () => {
  it("says what would change and what runs by itself, and writes nothing", async () => {
    const { pc } = world.origin();
    world.write("committed", "x");
    world.commit();
    const names = [".claude/settings.json", ".github/workflows/ci.yml", "package.json", "src/b.txt"];
    for (const path of [...names, ".CLAUDE/hooks.json", "app/vite.config.ts", ".gitattributes"]) world.write(path, "x");
    world.remove("README.md");
    chmodSync(join(world.mac, "src/a.txt"), 0o755);
    const { content } = await buildCapsule(world.mac);
    const before = everything(pc);
    const plan = await planCapsule(pc, content, true);
    expect(everything(pc)).toEqual(before);
    expect(plan.files.filter(({ change }) => change !== "added")).toEqual([
      { path: "README.md", change: "deleted" },
      { path: "src/a.txt", change: "changed" },
    ]);
    expect(plan.files.map(({ path }) => path)).toContain("committed");
    expect(plan.runsByItself).toEqual([
      ".CLAUDE/hooks.json",
      ".claude/settings.json",
      ".gitattributes",
      ".github/workflows/ci.yml",
      "app/vite.config.ts",
      "package.json",
    ]);
    expect(plan.conflicts).toEqual([]);
  });
});
