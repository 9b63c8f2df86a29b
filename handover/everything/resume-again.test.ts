import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { noteProject } from "../../client/settings/known-projects.ts";
import { environment } from "../../test/support/capsule/world.ts";
import { runCommand } from "../../test/support/cli/built-cli.ts";
import { RealBridge, type TestMachine } from "../../test/support/real-bridge.ts";

// `photon handover --all` is run every evening, and most worktrees have not changed since the last time.

let bridge: RealBridge;
let world: string;
let mac: TestMachine;
let pc: TestMachine;

const at = (...parts: string[]) => join(world, ...parts);
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", args, { cwd: folder, encoding: "utf8", env: environment(world), stdio: "pipe" });
const run = (machine: TestMachine, ...args: string[]) =>
  runCommand(args, { env: machine.env, cwd: at(machine === mac ? "mac" : "pc", "app") });
const newFolders = () => readdirSync(at("pc")).filter((name) => name.includes("-photon-"));

beforeAll(async () => {
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon again ")));
  for (const [name, value] of Object.entries(environment(world))) vi.stubEnv(name, value);
  bridge = await RealBridge.start();
  mac = await bridge.member("mac");
  pc = await bridge.member("pc", { by: mac });
  await mac.mailbox.membership?.machineList(0);
  git(world, "init", "-q", "-b", "main", at("seed"));
  writeFileSync(at("seed", "README.md"), "app\n");
  git(at("seed"), "add", "-A");
  git(at("seed"), "commit", "-q", "-m", "first");
  git(world, "clone", "-q", "--bare", at("seed"), at("app.git"));
  for (const [name, { paths }] of [
    ["mac", mac],
    ["pc", pc],
  ] as const) {
    git(world, "clone", "-q", at("app.git"), at(name, "app"));
    noteProject(paths, at(name, "app"), "app");
  }
  writeFileSync(at("mac", "app", "README.md"), "changed\n");
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await bridge.stop();
  rmSync(world, { recursive: true, force: true });
});

const handOver = async (...to: string[]) => {
  const sent = await run(mac, "handover", "--all", ...to, "--yes");
  expect(sent.code, sent.stderr).toBe(0);
};

/** The handover with the edits. Another carries the branch: origin is a folder of mac's disk. */
const ofFiles = (json: string): { id: string } =>
  JSON.parse(json).handovers.find(({ files }: { files?: unknown }) => Array.isArray(files));

it("applies the same work once, also from two handovers at once, and after someone went on working there", async () => {
  await handOver();
  await handOver("--to", "pc"); // does not replace the other one, which is for every machine
  const first = await run(pc, "resume", "--all", "--yes");
  expect(first.code, first.stderr).toBe(0);
  const folders = newFolders();
  expect(folders).toHaveLength(1);
  const folder = at("pc", folders[0] ?? "");
  expect(first.stdout).toMatch(/mac, app, main \(\d\d:\d\d, id [0-9a-f]{8}\): already here, in /);

  appendFileSync(join(folder, "README.md"), "more\n");
  git(folder, "commit", "-q", "-a", "-m", "went on");
  await handOver();
  const handover = ofFiles((await run(pc, "resume", "--all", "--dry-run", "--json")).stdout);
  const alone = await run(pc, "resume", handover.id, "--dry-run");
  expect(alone.code, alone.stderr).toBe(0);
  expect(alone.stdout).toContain(`The same work is already here, in ${folder}, branch photon/mac-`);
  const again = await run(pc, "resume", "--all", "--yes");
  expect(again.stdout).toContain(`already here, in ${folder}`);
  expect(newFolders()).toEqual(folders);
  expect(readFileSync(join(folder, "README.md"), "utf8")).toBe("changed\nmore\n");
  expect((await run(pc, "resume", "--all", "--yes")).stdout).toContain("No handover with work is open");

  writeFileSync(at("mac", "app", "README.md"), "changed again\n");
  await handOver();
  const other = ofFiles((await run(pc, "resume", "--all", "--yes", "--json")).stdout);
  expect(newFolders()).toHaveLength(2);
  expect((await run(pc, "resume", other.id, "--dry-run")).stdout).toMatch(/You resumed this at \d\d:\d\d, in /);
}, 120_000);
