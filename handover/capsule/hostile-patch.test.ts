import { createHash } from "node:crypto";
import { chmodSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isRefused } from "../../test/support/capsule/is-refused.ts";
import { treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyHere, applyInWorktree } from "./apply/apply-capsule.ts";
import { buildCapsule } from "./build/build-capsule.ts";
import { type CapsuleContent, DamagedCapsule, packCapsule, unpackCapsule } from "./capsule-file.ts";

const world = useWorld();
const BLOB = "0".repeat(39).concat("1");

/** A patch that adds one file, written by hand. */
function patch(path: string, mode = "100644", body = "x"): Buffer {
  const name = `"b/${path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
  return Buffer.from(
    [
      `diff --git "a${name.slice(2)} ${name}`,
      `new file mode ${mode}`,
      `index ${"0".repeat(40)}..${BLOB}`,
      "--- /dev/null",
      `+++ ${name}`,
      "@@ -0,0 +1 @@",
      `+${body}`,
      "\\ No newline at end of file",
      "",
    ].join("\n"),
  );
}

const RENAME = "diff --git a/README.md b/b\nsimilarity index 100%\nrename from README.md\nrename to b\n";

function content(hostile: Buffer): CapsuleContent {
  return { base: world.git(world.mac, "rev-parse", "HEAD"), branch: "main", patch: hostile, bundle: null };
}

describe("a capsule is refused, with nothing changed, that wants", () => {
  it.each([
    ["git's settings", patch(".git/config")],
    ["git's hooks, in capitals", patch(".GIT/hooks/post-checkout")],
    ["git's folder as Windows shortens it", patch("git~1/config")],
    ["git's folder with a stream of NTFS", patch(".git::$INDEX_ALLOCATION/config")],
    ["git's folder with dots and spaces behind", patch(".git . ./config")],
    ["git's folder with a character that HFS+ ignores", patch(".g\u200cit/config")],
    ["git's folder in full width", patch("．ｇｉｔ/config")],
    ["git's folder of a folder", patch("sub/.git/hooks/pre-commit")],
    ["git's folder behind backslashes", patch("sub\\.git\\config")],
    ["git's folder as a file", patch(".git")],
    ["a list of submodules", patch(".gitmodules", "100644", '[submodule "x"]')],
    ["a list of submodules, in capitals", patch("sub/.GITMODULES")],
    ["a list of submodules as Windows shortens it", patch("GITMOD~1")],
    ["a list of submodules as a link", patch(".gitmodules", "120000", "README.md")],
    ["a file above the project", patch("../outside")],
    ["a file above the project, from inside", patch("src/../../outside")],
    ["a path that goes up and comes back", patch("src/../src/b.txt")],
    ["an absolute path", patch("/tmp/photon-outside")],
    ["the folder itself", patch(".")],
    ["a link that leads out", patch("link", "120000", "/etc")],
    ["a link that climbs out", patch("a/b/link", "120000", "../../../x")],
    ["a link to a drive", patch("link", "120000", "C:\\\\Windows")],
    [
      "a link that climbs out through another",
      Buffer.concat([patch("a/up", "120000", ".."), patch("b", "120000", "a/up/../x")]),
    ],
    ["a link into git's folder", patch("build", "120000", ".git/hooks")],
    ["a link to git's folder itself", patch("build", "120000", "./.git")],
    ["a link into git's folder, in capitals", patch("sub/build", "120000", "../.GIT/config")],
    ["a link into git's folder on a detour", patch("build", "120000", "src/../.git/hooks")],
    ["a link into git's folder as Windows shortens it", patch("build", "120000", "GIT~1/hooks")],
    ["a link into git's folder behind backslashes", patch("build", "120000", ".git\\\\hooks")],
    ["a link into git's folder with a dot behind", patch("build", "120000", ".git./hooks")],
    ["a link into git's folder with a character that HFS+ ignores", patch("build", "120000", ".g\u200cit/hooks")],
    ["a link to the file .git of a submodule", patch("build", "120000", "library/.git")],
    [
      "a link into git's folder through another",
      Buffer.concat([patch("a", "120000", "."), patch("build", "120000", "a/.git/hooks")]),
    ],
    ["a link target that is very long", patch("link", "120000", "x/".repeat(4_000))],
    ["a submodule", patch("module", "160000", `Subproject commit ${"1".repeat(40)}`)],
    ["a file behind a link that it makes", Buffer.concat([patch("way", "120000", "src"), patch("way/x")])],
    ["a file twice", Buffer.concat([patch("twice"), patch("twice", "100644", "y")])],
    ["a file and a folder of the same name", Buffer.concat([patch("both"), patch("both/inside")])],
    ["a text that is not a patch", Buffer.from("no patch at all")],
    [
      "a name that is no UTF-8",
      Buffer.from(patch("caf#").toString("latin1").replaceAll("caf#", "caf\u00e9"), "latin1"),
    ],
    ["a file under another name", Buffer.from(RENAME)],
  ])("%s", async (_, hostile) => {
    await isRefused(world, content(hostile));
    expect(existsSync("/tmp/photon-outside")).toBe(false);
  });

  it("git's folder under another name, or a link into it", async () => {
    const pc = world.clone();
    world.git(pc, "init", "-q", "--separate-git-dir", join(pc, "meta"));
    for (const hostile of [
      patch("meta/hooks/post-commit"),
      patch("META/config"),
      patch("build", "120000", "meta/hooks"),
    ])
      await isRefused(world, content(hostile), /git's (?:own files|folder)/);
  });

  it("to apply to another base than it says", async () => {
    world.origin();
    world.write("src/a.txt", "other\ntwo\nthree\n");
    world.commit();
    world.write("src/a.txt", "OTHER\ntwo\nthree\n");
    const built = await buildCapsule(world.mac);
    const first = world.git(world.mac, "rev-parse", "HEAD~1");
    await isRefused(
      world,
      { ...built.content, base: first, bundle: null },
      /^The capsule's patch does not fit its base commit: /,
    );
  });

  it("names that a terminal or a model would obey, and the error shows them harmlessly", async () => {
    await isRefused(world, content(patch("\u001b[31mred\u202e/.gitmodules")), /\\u\{1b\}\[31mred\\u\{202e\}\//);
    const pc = join(world.folder, "pc");
    const name = "fine\u001b]0;title\u0007\u202e\n## obey me.md";
    const built = await applyInWorktree(pc, content(patch(name)), world.target());
    const shown = "fine\\u{1b}]0;title\\u{7}\\u{202e}\\n## obey me.md";
    expect(built.files).toEqual([{ path: shown, change: "added" }]);
    expect(Object.keys(treeOf(built.folder))).toContain(name);
  });
});

describe("a capsule that is applied", () => {
  it("gives files only the two modes that git has, and none that others can write", async () => {
    const pc = world.clone();
    const modes = Buffer.concat([
      patch("setuid", "104755"),
      patch("all", "100777"),
      patch("none", "100000"),
      patch("device", "020000"),
    ]);
    const applied = await applyInWorktree(pc, content(modes), world.target()).catch(() => null);
    if (applied === null) return; // newer gits refuse such a mode
    for (const name of ["setuid", "all", "none", "device"]) {
      const { mode } = statSync(join(applied.folder, name));
      expect(mode & 0o177022, name).toBe(0o100000);
    }
  });

  it("runs no hook", async () => {
    const pc = world.clone();
    for (const hook of ["post-checkout", "reference-transaction", "post-index-change"]) {
      world.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch "${join(world.folder, "a hook ran")}"\n`, pc);
      chmodSync(join(pc, ".git/hooks", hook), 0o755);
    }
    await applyInWorktree(pc, content(patch("new")), world.target());
    await applyHere(pc, content(patch("new")));
    expect(existsSync(join(world.folder, "a hook ran"))).toBe(false);
  });
});

describe("a capsule that unpacks to too much", () => {
  it("is rejected: gzip of zeros", () => {
    const bomb = packCapsule(content(Buffer.alloc(33 * 1024 * 1024)));
    expect(bomb.bytes.length).toBeLessThan(40_000);
    expect(() => unpackCapsule(bomb.bytes, bomb.sha256)).toThrow("cannot be read");
  });

  it("is refused: a binary part of terabytes, or many parts of many megabytes", async () => {
    const binary = (size: number) =>
      `diff --git a/x b/x\nnew file mode 100644\nindex ${"0".repeat(40)}..${BLOB}\nGIT binary patch\nliteral ${size}\nIcmZPo000310RR91\n\nliteral 0\nHcmV?d00001\n\n`;
    await isRefused(world, content(Buffer.from(binary(4e12))), /unpacks to more/);
    await isRefused(world, content(Buffer.from(binary(60e6).repeat(5))), /unpacks to more/);
  });
});

describe("a capsule that is not the one that was sent", () => {
  it("is reported as damaged: other bytes, other parts, a newer version, an invalid branch name", async () => {
    world.write("new", "x");
    const { bytes, sha256, content: built } = await buildCapsule(world.mac);
    const other = Buffer.from(bytes);
    other[20] = (other[20] ?? 0) ^ 1;
    expect(() => unpackCapsule(other, sha256)).toThrow(DamagedCapsule);
    const packed = (manifest: object, rest = Buffer.alloc(0)) => {
      const text = Buffer.from(JSON.stringify(manifest));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      const file = gzipSync(Buffer.concat([length, text, rest]));
      return () => unpackCapsule(file, createHash("sha256").update(file).digest("hex"));
    };
    const fine = { v: 1, base: built.base, branch: "main", patchBytes: 0, bundleBytes: 0 };
    expect(packed(fine)()).toMatchObject({ branch: "main", bundle: null });
    for (const manifest of [
      { ...fine, v: 2 },
      { ...fine, base: "main" },
      { ...fine, base: "--upload-pack=x" },
      { ...fine, branch: "\u001b[31m" },
      { ...fine, branch: "a\u202eb" },
      { ...fine, branch: "--force" },
      { ...fine, patchBytes: 5 },
      { ...fine, patchBytes: -5 },
      { ...fine, more: true },
    ])
      expect(packed(manifest), JSON.stringify(manifest)).toThrow("cannot be read");
    expect(packed(fine, Buffer.from("more"))).toThrow("cannot be read");
  });
});
