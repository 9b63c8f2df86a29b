import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { setUnencrypted } from "../../client/encryption/unencrypted.ts";
import { saveKeys } from "../../client/machines/machine-keys.ts";
import { saveMachineList } from "../../client/machines/machine-list-file.ts";
import { readOutbox } from "../../client/mail/outbox-folder.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { MessageDraft } from "../../contract/message.ts";
import { Members, TEST_BRIDGE } from "../../test/support/machines/members.ts";
import { readDraft } from "../draft/draft-store.ts";
import { keepDraft } from "../draft/keep-draft.ts";
import { noteOpen, type OpenSession } from "../draft/open-sessions.ts";
import { publishDraft } from "./publish.ts";
import { publishDue } from "./publish-due.ts";

let home: string;
let folder: string;
let transcriptPath: string;
let paths: Paths;
/** The machine has joined; pc too, and box has not. */
let joined: NodeJS.ProcessEnv;
const shared = { BRIDGE_WORKER_URL: TEST_BRIDGE, BRIDGE_API_KEY: "shared-key", BRIDGE_MACHINE_ID: "mac" };

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "photon along "));
  vi.stubEnv("HOME", home);
  folder = join(home, "shop");
  mkdirSync(folder);
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
  writeFileSync(join(folder, "parser.ts"), "export {};\n");
  transcriptPath = join(home, "session.jsonl");
  writeFileSync(transcriptPath, "");
  says("Write the parser", "and its tests");
  paths = photonPaths({ PHOTON_HOME: join(home, "photon") });
  const members = new Members();
  const mac = await members.found("mac");
  await members.join("pc", mac);
  saveKeys(paths, mac);
  saveMachineList(paths, TEST_BRIDGE, { machineList: members.machineList, checkedAt: Date.now(), seen: [] });
  joined = { ...shared, BRIDGE_API_KEY: mac.machineKey };
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

function says(...prompts: string[]): void {
  const lines = prompts.map((content) => JSON.stringify({ type: "user", message: { role: "user", content } }));
  writeFileSync(transcriptPath, `${lines.join("\n")}\n`, { flag: "a" });
}
const configOf = (env: NodeJS.ProcessEnv) => loadConfig({ env, paths, folder });
/** A hook's part, and then the flush's. @returns the queued handover */
async function handOver(env: NodeJS.ProcessEnv, more: Partial<OpenSession> = { hasEnded: true }) {
  keepDraft(paths, configOf(env), { session: "s-1", transcriptPath, folder, lastAnswer: null, isFinal: true });
  const seen = { session: "s-1", pid: process.pid, transcriptPath, folder, seenAt: Date.now() };
  noteOpen(paths, { ...seen, isDue: true, hasEnded: false, ...more });
  await publishDue(paths, () => configOf(env));
  const entry = readOutbox(paths).at(-1);
  if (entry === undefined) throw new Error("nothing was queued");
  const { to, work, content } = MessageDraft.parse(entry.draft);
  return { ...{ to, content }, isAlong: work?.capsule !== undefined, isAutomatic: entry.isAutomatic };
}
const SAYS_WHERE = "The work is on `mac`, in `~/shop` on branch `main`: 1 file uncommitted.";

describe("an automatic handover", () => {
  it("takes the work along by default on a machine that has joined, and only there", async () => {
    expect(configOf(joined)).toMatchObject({ capsule: "encrypted", sources: { capsule: "default" } });
    const along = await handOver(joined);
    expect(along).toMatchObject({ isAlong: true, isAutomatic: true, content: expect.stringContaining("`parser.ts`") });
    expect(along.content).not.toContain("Not in this handover");
    says("and its documentation");
    const withSharedKey = await handOver(shared); // the keys are on the disk, but not in use
    expect(withSharedKey).toMatchObject({ isAlong: false, content: expect.stringContaining(SAYS_WHERE) });
    says("and a changelog");
    rmSync(paths.keys);
    expect(await handOver(joined)).toMatchObject({ isAlong: false });
    expect(readdirSync(paths.outbox).filter((name) => name.endsWith(".capsule"))).toHaveLength(1);
  });

  it.each(["explicit", "off"])("takes nothing along if the person chose %s, and says where it is", async (capsule) => {
    const { isAlong, content } = await handOver({ ...joined, PHOTON_CAPSULE: capsule });
    expect(isAlong).toBe(false);
    expect(content).toContain(SAYS_WHERE);
    expect(content.includes("photon handover --send")).toBe(capsule === "explicit");
  });

  it.each([
    ["pc", "encrypted", true],
    ["box", "encrypted", false],
    ["box", "auto", true],
  ])("to %s under the setting %s: the work goes along: %s", async (to, capsule, isAlong) => {
    const env = { ...joined, PHOTON_CAPSULE: capsule };
    const config = configOf(env);
    setUnencrypted(paths, TEST_BRIDGE, { name: "box", isAllowed: true });
    keepDraft(paths, config, { session: "s-1", transcriptPath, folder, lastAnswer: null, isFinal: true });
    const draft = readDraft(paths, "s-1");
    if (draft === null) throw new Error("no draft");
    await publishDraft(paths, config, draft, { to, capsule: null });
    says("and its documentation");
    const { content, ...sent } = await handOver(env);
    expect(sent).toMatchObject({ to, isAlong });
    expect(content.includes(`photon handover --send --to ${to}`)).toBe(!isAlong);
  });

  it("takes much along when the session ends, is cut off or was killed, but not while it works", async () => {
    writeFileSync(join(folder, "data.bin"), randomBytes(300 * 1024));
    const midway = await handOver(joined, {});
    expect(midway.isAlong).toBe(false);
    expect(midway.content).toContain("None. The work is larger than 256 KiB, compressed.");
    expect(midway.content).toContain("To get it: on `mac`, `photon handover --send` in that folder");
    const gone = spawnSync(process.execPath, ["-e", "0"]).pid;
    for (const more of [{ isFinal: true }, { hasEnded: true }, { pid: gone }]) {
      says("go on, with the next part of it");
      expect(await handOver(joined, more)).toMatchObject({ isAlong: true });
    }
  });
});
