// `node bench/capsule/measure.ts` prints the cost of a capsule for a repository of 10,000 files with 200 changed, compared
// with git alone for the same changes.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildCapsule } from "../../handover/capsule/build/build-capsule.ts";
import { median } from "../start-up/measure.ts";

export interface CapsuleCost {
  readonly files: number;
  readonly changed: number;
  readonly rounds: number;
  /** Medians, in milliseconds. */
  readonly buildMs: number;
  readonly withoutScanMs: number;
  /** `git diff --binary` in the same repository: tracked files only. */
  readonly diffMs: number;
  /** `git add -A` and `git diff --cached --binary` in a copy: the same changes as in the capsule. */
  readonly addAndDiffMs: number;
  /** Size of the capsule on the wire. */
  readonly bytes: number;
}

/** Runs each case once per round, so that a slow moment of the machine affects all alike. The first round does not count. */
export async function measureCapsule({ files = 10_000, changed = 200, rounds = 5 } = {}): Promise<CapsuleCost> {
  const world = mkdtempSync(join(tmpdir(), "photon-bench-capsule-"));
  try {
    const project = join(world, "project");
    await makeRepository(project, files);
    const pristine = join(world, "pristine index");
    changeFiles(project, changed);
    const copy = join(world, "copy");
    cpSync(project, copy, { recursive: true, preserveTimestamps: true });
    await git(copy, "status"); // the copied files have other inode numbers, which git records once
    cpSync(join(copy, ".git/index"), pristine);
    const times: number[][] = [[], [], [], []];
    let bytes = 0;
    for (let round = 0; round <= rounds; round++) {
      cpSync(pristine, join(copy, ".git/index"));
      forgetLooseObjects(copy);
      const ways = [
        async () => {
          bytes = (await buildCapsule(project)).bytes.length;
        },
        () => buildCapsule(project, { scan: async () => null }),
        () => git(project, "diff", "--binary"),
        async () => {
          await git(copy, "add", "-A");
          await git(copy, "diff", "--cached", "--binary");
        },
      ];
      for (const [index, way] of ways.entries()) {
        const start = performance.now();
        await way();
        if (round > 0) times[index]?.push(performance.now() - start);
      }
    }
    const [buildMs = 0, withoutScanMs = 0, diffMs = 0, addAndDiffMs = 0] = times.map(median);
    return { files, changed, rounds, buildMs, withoutScanMs, diffMs, addAndDiffMs, bytes };
  } finally {
    rmSync(world, { recursive: true, force: true });
  }
}

/** Removes the objects of the earlier round, because git would not write them again. */
function forgetLooseObjects(folder: string): void {
  const objects = join(folder, ".git/objects");
  for (const name of readdirSync(objects)) if (name.length === 2) rmSync(join(objects, name), { recursive: true });
}

async function git(folder: string, ...args: string[]): Promise<void> {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: dirname(folder),
    GIT_CONFIG_NOSYSTEM: "1",
    ...{
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example",
    },
  };
  await promisify(execFile)("git", args, { cwd: folder, env, maxBuffer: 256 * 1024 * 1024 });
}

/** All commits are on a remote. */
async function makeRepository(folder: string, files: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await git(folder, "init", "-q", "-b", "main");
  await git(folder, "config", "gc.auto", "0"); // it would run in the background during a measurement
  for (let file = 0; file < files; file++) write(folder, nameOf(file), textOf(file));
  await git(folder, "add", "-A");
  await git(folder, "commit", "-q", "-m", "all");
  const origin = `${folder}.git`;
  await git(dirname(folder), "clone", "-q", "--bare", folder, origin);
  await git(folder, "remote", "add", "origin", origin);
  await git(folder, "fetch", "-q", "origin");
  await git(folder, "gc", "-q");
}

/** Of ten changed files, six are edited, two are new, one is deleted and one is renamed. */
function changeFiles(folder: string, changed: number): void {
  for (let file = 0; file < changed; file++) {
    const kind = file % 10;
    const path = nameOf(file * 37);
    if (kind < 6) write(folder, path, textOf(file * 37).replace(/line 1\d /g, "line changed "));
    else if (kind < 8) write(folder, `new/${path}`, textOf(1_000_000 + file));
    else if (kind === 8) rmSync(join(folder, path));
    else renameSync(join(folder, path), join(folder, `${path}.renamed.ts`));
  }
}

function nameOf(file: number): string {
  return `packages/p${file % 40}/src/m${file % 7}/file-${file}.ts`;
}

/** About 4 KB, like a typical source file. */
function textOf(file: number): string {
  return Array.from(
    { length: 80 },
    (_, line) => `export const line${line} = "line ${line} of the file ${file * 31}";\n`,
  ).join("");
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, changed, rounds, buildMs, withoutScanMs, diffMs, addAndDiffMs, bytes } = await measureCapsule();
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  process.stdout.write(
    [
      `${files} files, ${changed} changed, medians of ${rounds}:`,
      `capsule: ${ms(buildMs)} (without the secret scan ${ms(withoutScanMs)}), ${bytes} bytes on the wire`,
      `git diff --binary: ${ms(diffMs)}`,
      `git add -A && git diff --cached --binary, in a copy: ${ms(addAndDiffMs)}`,
      "",
    ].join("\n"),
  );
}
