import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { capsuleFile } from "../../client/bridge/kept-capsule.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { publishByPolicy, publishDraft } from "../../handover/publish/publish.ts";
import { tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import { runCommand } from "../support/cli/built-cli.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let mac: TestMachine;
let pc: TestMachine;
let world: string;
beforeAll(async () => {
  bridge = await RealBridge.start();
  mac = await bridge.member("mac", { owner: true });
  pc = await bridge.member("pc", { by: mac });
  await bridge.member("lamp", { by: mac });
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon shared ")));
}, 60_000);
afterAll(() => {
  rmSync(world, { recursive: true, force: true });
  return bridge.stop();
});

const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example", ...args], { cwd, stdio: "pipe" });

/** A clone with one uncommitted change. */
function changed(name: string): string {
  const folder = join(world, name);
  mkdirSync(folder);
  git(folder, "init", "-q", "-b", "main");
  writeFileSync(join(folder, "a.txt"), "1\n");
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "first");
  git(world, "clone", "-q", "--bare", folder, `${name}.git`);
  git(folder, "remote", "add", "origin", join(world, `${name}.git`));
  git(folder, "fetch", "-q", "origin");
  writeFileSync(join(folder, "a.txt"), "2\n");
  return folder;
}
const draftOf = (folder: string, session: string) => draftOfFolder(mac.config, folder, { now: Date.now(), session });

it("two queued handovers of the same work bring its capsule to different recipients", async () => {
  const folder = changed("twice");
  const ids: string[] = [];
  for (const [session, to] of [
    ["s1", "pc"],
    ["s2", undefined],
  ] as const) {
    const capsule = await tryBuildCapsule(folder);
    ids.push((await publishDraft(mac.paths, mac.config, draftOf(folder, session), { capsule, to })).id);
  }
  for (const id of ids) {
    const delivery = await mac.mailbox.outbox.deliver(id);
    expect(delivery).toMatchObject({ state: "stored" });
    expect(delivery).not.toHaveProperty("isWithoutCapsule");
    expect(await pc.mailbox.inbox.capsule(await pc.mailbox.inbox.get(id))).not.toBeNull();
  }
});

it("photon handover --all brings every capsule while an automatic handover of the same work is queued", async () => {
  const folder = changed("app");
  await publishByPolicy(mac.paths, mac.config, draftOf(folder, "s3"), await tryBuildCapsule(folder));
  const run = { env: { ...mac.env, PHOTON_UNATTENDED: "1" }, cwd: folder };
  const all = await runCommand(["handover", "--all", "--to", "pc", "--yes", "--json"], run);
  expect(all).toMatchObject({ code: 0 });
  const { ids } = JSON.parse(all.stdout);
  expect(ids).not.toEqual([]);
  for (const id of ids) expect(await pc.mailbox.inbox.capsule(await pc.mailbox.inbox.get(id))).not.toBeNull();
});

it("a delivery says that the capsule did not travel, also if another process made it", async () => {
  const folder = changed("lost");
  const capsule = await tryBuildCapsule(folder);
  const { id } = await publishDraft(mac.paths, mac.config, draftOf(folder, "s4"), { capsule });
  rmSync(capsuleFile(mac.paths, capsule.built?.sha256 ?? ""));
  const delivery = await mac.mailbox.outbox.deliver(id);
  expect(delivery).toMatchObject({ state: "stored", timestamp: expect.any(String), isWithoutCapsule: true });
  const later = await mac.mailbox.outbox.deliver(id);
  expect(later).toEqual({ state: "stored", id, timestamp: null, isWithoutCapsule: true });
});
