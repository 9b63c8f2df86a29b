import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { useWorld } from "../../test/support/capsule/world.ts";
import { type CapsuleContent, packCapsule } from "./capsule-file.ts";

const world = useWorld();

/** Limit for the whole memory of Photon's process. */
const MAX_MB = 250;
/** Limit for git's address space, which includes its programs and libraries. */
const MAX_GIT_KB = 400_000;

const MIB = 1024 * 1024;
const head = (path: string, rest: string) => `diff --git a/${path} b/${path}\nnew file mode 100644\n${rest}`;

/** One file of lines that gzip shrinks to almost nothing. */
function textBomb(bytes: number): Buffer {
  const line = `+${"a".repeat(1_000)}\n`;
  const count = Math.floor(bytes / line.length);
  return Buffer.from(head("big", `--- /dev/null\n+++ b/big\n@@ -0,0 +1,${count} @@\n`) + line.repeat(count));
}

function manyFiles(count: number): Buffer {
  const one = (at: number) => head(`f${at}`, `--- /dev/null\n+++ b/f${at}\n@@ -0,0 +1 @@\n+x\n`);
  return Buffer.from(Array.from({ length: count }, (_, at) => one(at)).join(""));
}

/** A delta of a few bytes that turns the existing file into many megabytes. */
function deltaBomb(from: number, files: number): Buffer {
  const size = 40 * MIB;
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  const copies = Array.from({ length: size / 65_536 }, () => [0x80]).flat(); // each copies 64 KiB from the start
  const delta = Buffer.from([...varint(from), ...varint(size), ...copies]);
  const body = `delta ${delta.length}\n${base85(deflateSync(delta))}\n\ndelta 0\nHcmV?d00001\n\n`;
  const part = (at: number) =>
    `diff --git a/big${at} b/big${at}\nindex ${"1".repeat(40)}..${"2".repeat(40)} 100644\nGIT binary patch\n${body}`;
  return Buffer.from(Array.from({ length: files }, (_, at) => part(at)).join(""));
}

function base85(bytes: Buffer): string {
  const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 52) {
    const part = bytes.subarray(at, at + 52);
    const padded = Buffer.concat([part, Buffer.alloc((4 - (part.length % 4)) % 4)]);
    let line = String.fromCharCode(part.length <= 26 ? 64 + part.length : 70 + part.length);
    for (let word = 0; word < padded.length; word += 4) {
      let value = padded.readUInt32BE(word);
      let group = "";
      for (let sign = 0; sign < 5; sign++) {
        group = signs.charAt(value % 85) + group;
        value = Math.floor(value / 85);
      }
      line += group;
    }
    lines.push(line);
  }
  return lines.join("\n");
}

/** Nested folders that are all the same tree. */
function treeBomb(): CapsuleContent {
  const make = (input: string) => execFileSync("git", ["mktree"], { cwd: world.mac, input, encoding: "utf8" }).trim();
  const blob = world.git(world.mac, "rev-parse", "HEAD:README.md");
  let tree = make(Array.from({ length: 10 }, (_, at) => `100644 blob ${blob}\tf${at}\n`).join(""));
  for (let level = 0; level < 9; level++)
    tree = make(Array.from({ length: 10 }, (_, at) => `040000 tree ${tree}\td${at}\n`).join(""));
  const first = world.git(world.mac, "rev-parse", "HEAD");
  const commit = world.git(world.mac, "commit-tree", tree, "-p", first, "-m", "bomb");
  world.git(world.mac, "update-ref", "--no-deref", "HEAD", commit);
  const bundle = execFileSync("git", ["bundle", "create", "-q", "-", "HEAD", `^${first}`], { cwd: world.mac });
  return { base: commit, branch: "main", patch: Buffer.alloc(0), bundle };
}

/** Applies in a process of its own, with a git of limited memory. @returns the result */
function applied(
  folder: string,
  capsule: CapsuleContent,
  { asItIs, place = "here" }: { asItIs?: Buffer; place?: "here" | "worktree" } = {},
): { said: string; mb: number } {
  const programs = join(world.folder, "programs");
  mkdirSync(programs, { recursive: true });
  const git = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  writeFileSync(join(programs, "git"), `#!/bin/sh\nulimit -v ${MAX_GIT_KB}\nexec '${git}' "$@"\n`);
  chmodSync(join(programs, "git"), 0o755);
  const file = join(world.folder, "capsule");
  writeFileSync(file, asItIs ?? packCapsule(capsule).bytes);
  const source = (name: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href);
  const code = `
    import { readFileSync } from "node:fs";
    import { createHash } from "node:crypto";
    import { applyHere, applyInWorktree, planCapsule } from ${source("apply/apply-capsule.ts")};
    import { unpackCapsule } from ${source("capsule-file.ts")};
    const bytes = readFileSync(${JSON.stringify(file)});
    let said = [];
    try {
      const content = unpackCapsule(bytes, createHash("sha256").update(bytes).digest("hex"));
      said.push((await planCapsule(${JSON.stringify(folder)}, content, true)).files.length + " files");
      if (${place === "here"}) await applyHere(${JSON.stringify(folder)}, content);
      else await applyInWorktree(${JSON.stringify(folder)}, content, ${JSON.stringify(world.target())});
    } catch (error) {
      said.push(error.message);
    }
    console.log(JSON.stringify({ said: said.join("; "), mb: Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1000 }));`;
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
    env,
  });
  expect(stderr.replace(/.*ExperimentalWarning.*\n.*\n/, "")).toBe("");
  return JSON.parse(stdout);
}
const onHead = (patch: Buffer): CapsuleContent => {
  return { base: world.git(world.mac, "rev-parse", "HEAD"), branch: "main", patch, bundle: null };
};

// Only /proc counts a process's memory without its parent's.
describe.skipIf(process.platform !== "linux")("applying a capsule takes at most 250 MB", () => {
  it.each([
    ["of the maximum size", () => onHead(textBomb(31.9 * MIB)), /^1 files$/],
    ["of the maximum number of files", () => onHead(manyFiles(10_000)), /^10000 files$/],
    ["of more files", () => onHead(manyFiles(20_000)), /unpacks to more/],
    ["of many more files", () => onHead(manyFiles(50_000)), /unpacks to more/],
    ["of folders within folders", treeBomb, /unpacks to more/],
  ] as const)("%s", (_, make, outcome) => {
    const pc = world.clone();
    const capsule = make();
    for (const place of ["worktree", "here"] as const) {
      const { said, mb } = applied(pc, capsule, { place });
      expect(said).toMatch(outcome);
      expect(mb).toBeLessThan(MAX_MB);
    }
  });

  it("that unpacks to much more, whether it says so or not", () => {
    const pc = world.clone();
    const { bytes } = packCapsule(onHead(textBomb(240 * MIB)));
    expect(bytes.length).toBeLessThan(MIB);
    const liar = Buffer.from(bytes);
    liar.writeUInt32LE(1_000, liar.length - 4);
    for (const bomb of [bytes, liar]) {
      const { said, mb } = applied(pc, onHead(Buffer.alloc(0)), { asItIs: bomb });
      expect(said).toMatch(/cannot be read/);
      expect(mb).toBeLessThan(MAX_MB);
    }
  });

  it("of deltas that unpack a few bytes to megabytes", () => {
    const content = Buffer.alloc(70_000, 1);
    for (let at = 0; at < 20; at++) world.write(`big${at}`, content);
    world.commit();
    const pc = world.clone();
    const { said, mb } = applied(pc, onHead(deltaBomb(content.length, 20)));
    expect(said).toMatch(/unpacks to more/);
    expect(mb).toBeLessThan(MAX_MB);
  });
});
