import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyHere, applyInWorktree, planCapsule } from "./apply-capsule.ts";
import { buildCapsule } from "./build-capsule.ts";
import { packCapsule, unpackCapsule } from "./capsule-file.ts";

let world: string;
let mac: string;
beforeEach(() => {
  world = mkdtempSync(join(tmpdir(), "photon capsule "));
  mac = join(world, "mac");
  mkdirSync(mac);
  git(mac, "init", "-q", "-b", "main");
  write("README.md", "hello\n");
  write("src/a.txt", "one\ntwo\nthree\n");
  commit(mac, "first");
});
afterEach(() => rmSync(world, { recursive: true, force: true }));

function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env.PATH ?? "",
      HOME: world,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example",
    },
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}
function write(path: string, content: string | Buffer, folder = mac) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
function commit(folder: string, message: string) {
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "--allow-empty", "-m", message);
}
/** The other machine's clone, as it is now. */
function clone(name = "pc"): string {
  git(world, "clone", "-q", mac, name);
  return join(world, name);
}
/** Every file of a folder but git's own: its content, its mode, where it leads. */
function treeOf(folder: string, below = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below)).sort()) {
    if (below === "" && name === ".git") continue;
    const path = below === "" ? name : `${below}/${name}`;
    const stats = lstatSync(join(folder, path));
    if (stats.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(folder, path))}`;
    else if (stats.isDirectory()) Object.assign(tree, treeOf(folder, path));
    else
      tree[path] =
        `${(stats.mode & 0o100) === 0 ? "file" : "program"} ${readFileSync(join(folder, path)).toString("base64")}`;
  }
  return tree;
}
/** Everything git keeps: index, HEAD, refs, logs, objects, configuration. */
function gitFolder(folder: string): Record<string, string> {
  return treeOf(join(folder, ".git"));
}
const worktree = (name = "taken over") => ({ folder: join(world, name), branch: "photon/mac-2026-11-23" });
async function carry(from: string, to: string) {
  const { bytes, sha256, excluded } = await buildCapsule(from);
  const applied = await applyInWorktree(to, unpackCapsule(bytes, sha256), worktree());
  return { applied, excluded };
}

describe("a capsule", () => {
  it("carries every kind of change, byte for byte, into a new folder beside the repository", async () => {
    write("deleted.txt", "away");
    write("renamed from.txt", "x".repeat(2_000));
    write("becomes-a-folder", "file");
    commit(mac, "second");
    const pc = clone();
    write("src/a.txt", "one\nTWO\nthree\nno newline at the end");
    rmSync(join(mac, "deleted.txt"));
    renameSync(join(mac, "renamed from.txt"), join(mac, "renamed to ü 🚧.txt"));
    rmSync(join(mac, "becomes-a-folder"));
    write("becomes-a-folder/inside", "file");
    write("binary", Buffer.from(Array.from({ length: 1_000 }, (_, i) => (i * 7) % 256)));
    write("empty", "");
    write("crlf.txt", "a\r\nb\r\n");
    write("with space and 'quotes' \".txt", "x");
    write("-starts-with-a-dash", "x");
    write("run.sh", "#!/bin/sh\n");
    chmodSync(join(mac, "run.sh"), 0o755);
    symlinkSync("src/a.txt", join(mac, "link"));
    git(mac, "add", "src/a.txt", "binary"); // some of it staged
    write("src/a.txt", "one\nTWO\nthree and a half\n"); // and changed again

    const { applied, excluded } = await carry(mac, pc);
    expect(excluded).toEqual([]);
    expect(treeOf(applied.folder)).toEqual(treeOf(mac));
    expect(git(applied.folder, "branch", "--show-current")).toBe("photon/mac-2026-11-23");
    expect(git(pc, "status", "--porcelain")).toBe("");
  });

  it("leaves the repository it was made from as it was, down to the last object", async () => {
    write("src/a.txt", "changed");
    git(mac, "add", "src/a.txt");
    write("src/a.txt", "changed again");
    write("new", "new");
    git(mac, "stash", "push", "-q", "--keep-index", "-u");
    write("newer", "newer");
    const before = { files: treeOf(mac), git: gitFolder(mac) };
    await buildCapsule(mac);
    expect({ files: treeOf(mac), git: gitFolder(mac) }).toEqual(before);
  });

  it("is the same for the same work, and nothing when there is none", async () => {
    const pc = clone();
    await expect(buildCapsule(pc)).rejects.toThrow("There is no uncommitted or unpushed work.");
    write("new", "new", pc);
    expect((await buildCapsule(pc)).sha256).toBe((await buildCapsule(pc)).sha256);
    await expect(buildCapsule(world)).rejects.toThrow("no git repository");
  });

  it("leaves out what must not travel, and says why", async () => {
    const pc = clone();
    write(".gitignore", "ignored/\n", pc);
    for (const path of ["ignored/x", ".env", ".env.local", ".env.example", "id_rsa", "sub/server.pem"])
      write(path, "x", pc);
    write("huge", Buffer.alloc(2 * 1024 * 1024 + 1), pc);
    write("model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", pc);
    symlinkSync("/etc/passwd", join(pc, "out"));
    symlinkSync("../../elsewhere", join(pc, "up"));
    git(pc, "init", "-q", "nested");
    write("nested/x", "x", pc);
    write("secret.ts", "token", pc);
    const built = await buildCapsule(pc, { scan: async (path) => (path === "secret.ts" ? "a token" : null) });
    expect(built.files).toEqual([".env.example", ".gitignore"]);
    expect(Object.fromEntries(built.excluded.map(({ path, reason }) => [path, reason]))).toEqual({
      ".env": "it holds an environment's settings",
      ".env.local": "it holds an environment's settings",
      huge: "it is larger than 2 MiB",
      id_rsa: "it looks like a key or a password file",
      "model.bin": "its content is in Git LFS",
      "nested/": "it is a repository of its own",
      out: "it is a link that leads out of the project",
      "secret.ts": "it may hold a secret: a token",
      "sub/server.pem": "it looks like a key or a password file",
      up: "it is a link that leads out of the project",
    });
  });

  it("brings unpushed commits along, and says so when what they stand on is missing", async () => {
    const bare = join(world, "origin.git");
    git(world, "clone", "-q", "--bare", mac, bare);
    git(mac, "remote", "add", "origin", bare);
    git(mac, "fetch", "-q");
    const pc = join(world, "pc");
    git(world, "clone", "-q", bare, pc);
    write("committed", "not pushed");
    commit(mac, "unpushed");
    write("uncommitted", "x");
    const { applied } = await carry(mac, pc);
    expect(treeOf(applied.folder)).toEqual(treeOf(mac));
    expect(git(applied.folder, "log", "-1", "--format=%s")).toBe("unpushed");

    const stranger = join(world, "stranger");
    git(world, "init", "-q", stranger);
    commit(stranger, "another history");
    const { bytes, sha256 } = await buildCapsule(mac);
    await expect(planCapsule(stranger, unpackCapsule(bytes, sha256), false)).rejects.toThrow(
      /neither here nor on a remote/,
    );
  });

  it("fetches a base that only the remote has", async () => {
    const bare = join(world, "origin.git");
    git(world, "clone", "-q", "--bare", mac, bare);
    const pc = join(world, "pc");
    git(world, "clone", "-q", bare, pc);
    git(mac, "remote", "add", "origin", bare);
    write("pushed", "x");
    commit(mac, "pushed");
    git(mac, "push", "-q", "-u", "origin", "main");
    write("work", "x");
    const { content } = await buildCapsule(mac);
    expect(content.bundle).toBeNull();
    const { applied } = await carry(mac, pc);
    expect(treeOf(applied.folder)).toEqual(treeOf(mac));
  });

  it.each([
    [
      "before the first commit",
      (): string => {
        const folder = join(world, "unborn");
        git(world, "init", "-q", folder);
        write("first", "x", folder);
        return folder;
      },
    ],
    [
      "at a detached HEAD",
      (): string => {
        git(mac, "checkout", "-q", "--detach");
        write("work", "x");
        return mac;
      },
    ],
    [
      "in the middle of a merge with conflicts",
      (): string => {
        git(mac, "checkout", "-q", "-b", "other");
        write("src/a.txt", "other");
        commit(mac, "other");
        git(mac, "checkout", "-q", "main");
        write("src/a.txt", "main");
        commit(mac, "main");
        try {
          git(mac, "merge", "other");
        } catch {
          // it is meant to conflict
        }
        return mac;
      },
    ],
    [
      "in a worktree",
      (): string => {
        git(mac, "worktree", "add", "-q", "-b", "side", join(world, "side"));
        write("work", "x", join(world, "side"));
        return join(world, "side");
      },
    ],
    [
      "in a sparse checkout",
      (): string => {
        git(mac, "sparse-checkout", "set", "--no-cone", "/README.md", "/work");
        write("work", "x");
        return mac;
      },
    ],
    [
      "with autocrlf",
      (): string => {
        git(mac, "config", "core.autocrlf", "input");
        write("src/a.txt", "one\ntwo\nfour\n");
        return mac;
      },
    ],
  ])("is made %s, and the work is the same on the other side", async (_, arrange) => {
    const pc = clone();
    const folder = arrange();
    const { applied } = await carry(folder, pc);
    const expected = existsSync(join(folder, "src"))
      ? treeOf(folder)
      : { ...treeOf(applied.folder), ...treeOf(folder) };
    expect(treeOf(applied.folder)).toEqual(expected);
  });
});

describe("taking it over here", () => {
  it("merges with what was committed meanwhile, and can be undone", async () => {
    const pc = clone();
    write("src/a.txt", "ONE\ntwo\nthree\n");
    write("new", "x");
    write("README.md", "hello\nfrom pc\n", pc);
    commit(pc, "meanwhile");
    const before = treeOf(pc);
    const { content } = await buildCapsule(mac);
    const { undo } = await applyHere(pc, content);
    expect(readFileSync(join(pc, "src/a.txt"), "utf8")).toBe("ONE\ntwo\nthree\n");
    expect(readFileSync(join(pc, "README.md"), "utf8")).toBe("hello\nfrom pc\n");
    execFileSync("sh", ["-c", undo]);
    expect(treeOf(pc)).toEqual(before);
  });

  it("changes nothing when both changed the same, when there is work here, and when a file is in the way", async () => {
    const pc = clone();
    write("src/a.txt", "ONE\ntwo\nthree\n");
    write("new", "x");
    const { content } = await buildCapsule(mac);
    const unchanged = async (sentence: RegExp) => {
      const before = { files: treeOf(pc), index: git(pc, "ls-files", "-s") };
      await expect(applyHere(pc, content)).rejects.toThrow(sentence);
      expect({ files: treeOf(pc), index: git(pc, "ls-files", "-s") }).toEqual(before);
    };
    write("new", "in the way", pc);
    await unchanged(/It would overwrite a file here/);
    rmSync(join(pc, "new"));
    write("README.md", "work", pc);
    await unchanged(/uncommitted work here/);
    git(pc, "checkout", "-q", ".");
    write("src/a.txt", "uno\ntwo\nthree\n", pc);
    commit(pc, "meanwhile");
    await unchanged(/changed here in another way: src\/a\.txt/);
    expect((await planCapsule(pc, content, true)).conflicts).toEqual(["src/a.txt"]);
  });

  it("twice says that it cannot", async () => {
    const pc = clone();
    write("new", "x");
    const { content } = await buildCapsule(mac);
    await applyInWorktree(pc, content, worktree());
    await expect(applyInWorktree(pc, content, worktree())).rejects.toThrow(/No new folder could be made/);
    await applyHere(pc, content);
    await expect(applyHere(pc, content)).rejects.toThrow(/uncommitted work here/);
  });

  it("calls out what runs by itself", async () => {
    const pc = clone();
    for (const path of [".claude/settings.json", ".github/workflows/ci.yml", "package.json", "src/b.txt", ".envrc"])
      write(path, "x");
    const { content } = await buildCapsule(mac);
    const plan = await planCapsule(pc, content, false);
    expect(plan.files).toHaveLength(5);
    expect(plan.runsByItself).toEqual([".claude/settings.json", ".envrc", ".github/workflows/ci.yml", "package.json"]);
    expect(git(pc, "status", "--porcelain")).toBe("");
  });
});

describe("a hostile capsule", () => {
  const patch = (path: string, mode = "100644", body = "x") =>
    Buffer.from(
      `diff --git a/${path} b/${path}\nnew file mode ${mode}\nindex 0000000..1111111\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${body}\n\\ No newline at end of file\n`,
    );
  it.each([
    ["git's configuration", patch(".git/config")],
    ["git's hooks, in another spelling", patch(".GIT/hooks/post-checkout")],
    ["git's folder as Windows may name it", patch("git~1/config")],
    ["git's folder of a folder", patch("sub/.git/hooks/pre-commit")],
    ["a file above the project", patch("../outside")],
    ["a file above the project, from inside", patch("src/../../outside")],
    ["an absolute path", patch("/tmp/photon-outside")],
    ["a link that leads out", patch("link", "120000", "/etc")],
    ["a link that climbs out", patch("a/b/link", "120000", "../../../x")],
    ["a submodule", patch("module", "160000", "Subproject commit 1111111111111111111111111111111111111111")],
    ["a file behind a link it makes itself", Buffer.concat([patch("way", "120000", "src"), patch("way/../../x")])],
    ["what is no patch", Buffer.from("no patch at all")],
  ])("that wants %s is refused, and nothing changes", async (_, hostile) => {
    const pc = clone();
    const before = {
      world: readdirSync(world).sort(),
      files: treeOf(pc),
      index: git(pc, "ls-files", "-s"),
      refs: git(pc, "show-ref"),
    };
    const content = { base: git(pc, "rev-parse", "HEAD"), branch: "main", patch: hostile, bundle: null };
    await expect(applyInWorktree(pc, content, worktree())).rejects.toThrow();
    await expect(applyHere(pc, content)).rejects.toThrow();
    expect({
      world: readdirSync(world).sort(),
      files: treeOf(pc),
      index: git(pc, "ls-files", "-s"),
      refs: git(pc, "show-ref"),
    }).toEqual(before);
    expect(existsSync("/tmp/photon-outside")).toBe(false);
  });

  it("cannot make a hook run", async () => {
    const pc = clone();
    const hook = join(pc, ".git/hooks/post-checkout");
    writeFileSync(hook, `#!/bin/sh\ntouch "${world}/hook ran"\n`);
    chmodSync(hook, 0o755);
    write("new", "x");
    await carry(mac, pc);
    expect(existsSync(join(world, "hook ran"))).toBe(false);
  });

  it("that was changed on the way, or holds too much, is no capsule", async () => {
    write("new", "x");
    const { bytes, sha256, content } = await buildCapsule(mac);
    const other = Buffer.from(bytes);
    other[20] = (other[20] ?? 0) ^ 1;
    expect(() => unpackCapsule(other, sha256)).toThrow("not the one that was sent");
    const bomb = packCapsule({ ...content, patch: Buffer.alloc(300 * 1024 * 1024) });
    expect(() => unpackCapsule(bomb.bytes, bomb.sha256)).toThrow("cannot be read");
  });
});

it("apply(capsule(tree)) is the tree, for random edits", async () => {
  const name = fc.constantFrom("a", "b", "dir/c", "dir/d e", "ü/f", "x.bin", "run.sh");
  const content = fc.oneof(
    fc.constant(""),
    fc.string({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(fc.constantFrom("one", "two", "three", ""), { maxLength: 12 }).map((lines) => lines.join("\r\n")),
  );
  const edit = fc.oneof(
    fc.record({ what: fc.constant("write" as const), name, content, isProgram: fc.boolean() }),
    fc.record({ what: fc.constant("delete" as const), name }),
    fc.record({ what: fc.constant("link" as const), name, to: fc.constantFrom("a", "b", "missing") }),
    fc.record({ what: fc.constant("stage" as const) }),
    fc.record({ what: fc.constant("commit" as const) }),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(edit, { maxLength: 12 }),
      fc.array(edit, { minLength: 1, maxLength: 12 }),
      async (before, after) => {
        const from = join(world, `from ${++run}`);
        git(world, "init", "-q", "-b", "main", from);
        const make = (edits: typeof before) => {
          for (const each of edits) {
            if (each.what === "stage") git(from, "add", "-A");
            else if (each.what === "commit") commit(from, "work");
            else {
              const path = join(from, each.name);
              rmSync(path, { recursive: true, force: true });
              if (each.what === "write") {
                write(each.name, each.content, from);
                chmodSync(path, each.isProgram ? 0o755 : 0o644);
              } else if (each.what === "link") {
                mkdirSync(dirname(path), { recursive: true });
                symlinkSync(each.to, path);
              }
            }
          }
        };
        make(before);
        commit(from, "base");
        git(world, "clone", "-q", from, `to ${run}`);
        const isClean = () => git(from, "status", "--porcelain") === "";
        make(after);
        const { content: capsule } = await buildCapsule(from).catch((error) => {
          if (isClean() && error instanceof Error && error.name === "NoCapsule") return { content: null };
          throw error;
        });
        if (capsule === null) return;
        const applied = await applyInWorktree(join(world, `to ${run}`), capsule, {
          folder: join(world, `out ${run}`),
          branch: "out",
        });
        expect(treeOf(applied.folder)).toEqual(treeOf(from));
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

it("the mode of what it writes is the user's", async () => {
  const pc = clone();
  write("new", "x");
  const { applied } = await carry(mac, pc);
  expect(statSync(join(applied.folder, "new")).mode & 0o022).toBe(0);
});
