import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isRefused } from "../../test/support/capsule/is-refused.ts";
import { useWorld } from "../../test/support/capsule/world.ts";
import type { CapsuleContent } from "./capsule-file.ts";

const world = useWorld();

/** The output of a git command that reads its input. */
function make(folder: string, command: string, input: string | Buffer, ...args: string[]): string {
  return execFileSync("git", [command, ...args], { cwd: folder, input, encoding: "utf8" }).trim();
}

/** A bundle with one commit of this tree on top of the first commit. */
async function bundleOf(folder: string, tree: string): Promise<CapsuleContent> {
  const first = world.git(folder, "rev-list", "--max-parents=0", "HEAD");
  if (!existsSync(join(world.folder, "pc"))) {
    world.clone();
  }
  const commit = world.git(folder, "commit-tree", tree, "-p", first, "-m", "x");
  world.git(folder, "update-ref", "refs/heads/hostile", commit);
  world.git(folder, "checkout", "-q", "--orphan", "elsewhere");
  world.git(folder, "symbolic-ref", "HEAD", "refs/heads/hostile");
  const bundle = execFileSync("git", ["bundle", "create", "-q", "-", "HEAD", "--not", first], { cwd: folder });
  return { base: commit, branch: "main", patch: Buffer.alloc(0), bundle };
}

describe("a capsule with commits is refused, with nothing changed, whose", () => {
  const blob = () => make(world.mac, "hash-object", "x", "-w", "--stdin");
  /** A tree that git itself would not write: each entry is a mode, a name and an object. */
  const rawTree = (...entries: [string, string, string][]) => {
    const bytes = entries.map(([mode, name, object]) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, "hex")]),
    );
    return make(world.mac, "hash-object", Buffer.concat(bytes), "-t", "tree", "--literally", "-w", "--stdin");
  };

  it.each([
    [".git", (object: string): [string, string, string][] => [["100644", ".git", object]]],
    [".GIT", (object: string): [string, string, string][] => [["100644", ".GIT", object]]],
    ["git~1", (object: string): [string, string, string][] => [["100644", "git~1", object]]],
    ["..", (object: string): [string, string, string][] => [["100644", "..", object]]],
    ["a/b", (object: string): [string, string, string][] => [["100644", "a/b", object]]],
    [
      "one name twice",
      (object: string): [string, string, string][] => [
        ["100644", "a", object],
        ["120000", "a", object],
      ],
    ],
  ])("tree holds %s", async (_, entries) => {
    await isRefused(world, await bundleOf(world.mac, rawTree(...entries(blob()))), /damaged|git's own/);
  });

  it("tree holds a folder .git, a submodule, a list of submodules, or a link that leads out", async () => {
    const inside = rawTree(["100755", "post-checkout", blob()]);
    const out = make(world.mac, "hash-object", "../../x", "-w", "--stdin");
    for (const entry of [
      ["40000", ".Git", inside],
      ["160000", "module", "1".repeat(40)],
      ["100644", ".gitmodules", blob()],
      ["120000", "out", out],
    ] as [string, string, string][]) {
      await isRefused(world, await bundleOf(world.mac, rawTree(entry)));
    }
  });

  it("bundle is cut, changed, invalid, of another commit, or has more than one ref", async () => {
    const capsule = await bundleOf(world.mac, rawTree(["100644", "fine", blob()]));
    const bundle = capsule.bundle ?? Buffer.alloc(0);
    const flipped = Buffer.from(bundle);
    flipped[bundle.length - 30] = (flipped[bundle.length - 30] ?? 0) ^ 1;
    const twoNames = bundle.toString("latin1").replace(" HEAD\n", ` HEAD\n${capsule.base} refs/heads/main\n`);
    for (const [name, damaged] of Object.entries({
      cut: bundle.subarray(0, bundle.length - 40),
      flipped,
      none: Buffer.from("PACK"),
      twoNames: Buffer.from(twoNames, "latin1"),
      filtered: Buffer.from(
        bundle.toString("latin1").replace("# v2 git bundle\n", "# v3 git bundle\n@filter=blob:none\n"),
        "latin1",
      ),
    })) {
      expect(name).not.toBe("");
      await isRefused(world, { ...capsule, bundle: damaged }, /commits are damaged/);
    }
    await isRefused(world, { ...capsule, base: "1".repeat(40) }, /commits are damaged/);
    await isRefused(world, { ...capsule, base: null }, /commits are damaged/);
  });

  it("bundle lacks objects that its commit needs", async () => {
    world.clone();
    const missing = rawTree(["100644", "missing", "2".repeat(40)]);
    const commit = world.git(world.mac, "commit-tree", missing, "-m", "x");
    const pack = execFileSync("git", ["pack-objects", "--stdout", "-q"], {
      cwd: world.mac,
      input: `${commit}\n${missing}\n`,
    });
    const bundle = Buffer.concat([Buffer.from(`# v2 git bundle\n${commit} HEAD\n\n`), pack]);
    await isRefused(
      world,
      { base: commit, branch: null, patch: Buffer.alloc(0), bundle },
      /damaged, or contain something that git refuses/,
    );
  });

  it("pack has a file that unpacks to too much memory", async () => {
    writeFileSync(join(world.mac, "zeros"), Buffer.alloc(70 * 1024 * 1024));
    const object = world.git(world.mac, "hash-object", "-w", "zeros");
    world.remove("zeros");
    await isRefused(world, await bundleOf(world.mac, rawTree(["100644", "zeros", object])), /damaged, or contain/);
  }, 60_000);

  it("tree has one large file under many names", async () => {
    world.write("large", Buffer.alloc(2 * 1024 * 1024));
    world.commit();
    const object = world.git(world.mac, "rev-parse", "HEAD:large");
    const tree = Array.from({ length: 130 }, (_, at) => `100644 blob ${object}\tname ${at}\n`).join("");
    await isRefused(world, await bundleOf(world.mac, make(world.mac, "mktree", tree)), /unpacks to more/);
  });
});
