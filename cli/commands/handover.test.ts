import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { readDraft, saveDraft } from "../../handover/draft/draft-store.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
let folder: string;
beforeEach(() => {
  folder = join(mac.home, "a project");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
  writeFileSync(join(folder, "parser.ts"), "export {};\n");
  writeFileSync(join(folder, ".env"), "A=1\n");
});
const leaveDraft = (session = "s-1") =>
  saveDraft(photonPaths({ PHOTON_HOME: mac.home }), {
    session,
    project: "photon",
    machine: "mac",
    text: "# Handover\n\nFix the parser.",
    savedAt: Date.now(),
    folder,
    branch: "main",
    files: 1,
    prompts: 2,
    edits: 1,
    policy: "draft",
  });

describe("photon handover", () => {
  it("shows the project's newest draft, and with --capsule what would be included, and sends nothing", async () => {
    leaveDraft();
    const { stdout, code } = await mac.run(["handover", "--capsule"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Fix the parser.");
    expect(stdout).toContain("1 file, 1 KB compressed: `parser.ts`.");
    expect(stdout).toContain("- Left out: `.env`, ");
    expect(mac.bridge.messages).toEqual([]);
  });

  it("sends the draft with a capsule, and says what was left out", async () => {
    mac.bridge.acceptsCapsules = true;
    leaveDraft();
    const { stdout, code } = await mac.run(["handover", "--send", "--to", "pc"]);
    expect({ stdout, code }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Handed over to pc; it is on the bridge."),
    });
    expect(stdout).toContain("left out: .env");
    expect(mac.bridge.messages).toMatchObject([{ kind: "handover", to: "pc", session: "s-1", work: { files: 1 } }]);
    expect(mac.bridge.messages[0]?.content).not.toContain("The capsule was not sent");
    expect(mac.bridge.messages[0]?.work?.capsule).toBeDefined();
  });

  it("fails, and claims no capsule, if the bridge keeps none", async () => {
    leaveDraft();
    const { stdout, stderr, code } = await mac.run(["handover", "--send", "--to", "pc"]);
    expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
    expect(stderr).toMatch(/Only the text of the handover to pc is on the bridge\.\s+The\s+capsule\s+was\s+not\s+sent/);
    expect(mac.bridge.messages).toMatchObject([
      { kind: "handover", to: "pc", session: "s-1", content: expect.stringContaining("The capsule was not sent") },
    ]);
    const json = await mac.run(["handover", "--send", "--to", "pc", "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ state: "stored", capsule: null, whyNoCapsule: expect.any(String) });
  });

  it("fails in CI if the handover is only queued, unless --queue, and everywhere with a refused key", async () => {
    leaveDraft();
    const send = (env: Record<string, string>, ...more: string[]) =>
      mac.run(["handover", "--send", "--no-capsule", ...more], { env });
    await mac.bridge.stop();
    expect((await send({})).code).toBe(0);
    const { code, stdout, stderr } = await send({ CI: "true" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("--queue");
    expect((await send({ CI: "true" }, "--json")).code).toBe(1);
    expect((await send({ CI: "true" }, "--queue")).code).toBe(0);
    await mac.bridge.restart();
    mac.bridge.behaviour = "refuses the key";
    expect((await send({}, "--queue")).code).toBe(1);
  });

  it("refuses this machine as its recipient, also with a project", async () => {
    leaveDraft();
    for (const to of ["mac", "MAC/photon"]) {
      const { code, stderr } = await mac.run(["handover", "--send", "--to", to]);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("mac is this machine") });
    }
    expect(mac.bridge.messages).toEqual([]);
  });

  it("has the files in git as they are now, also if the session has ended, which keeps its time and its end", async () => {
    const paths = photonPaths({ PHOTON_HOME: mac.home });
    const transcriptPath = join(mac.home, "ended.jsonl");
    const prompt = { type: "user", message: { role: "user", content: "Fix the parser" } };
    writeFileSync(transcriptPath, `${JSON.stringify(prompt)}\n`);
    leaveDraft();
    const saved = readDraft(paths, "s-1");
    if (saved === null) throw new TypeError("Expected a draft.");
    saveDraft(paths, { ...saved, transcriptPath, savedAt: Date.now() - 420_000 });
    writeFileSync(join(folder, "since-then.ts"), "//\n");
    expect((await mac.run(["handover", "--send", "--to", "pc", "--no-capsule"])).code).toBe(0);
    expect(mac.bridge.messages).toMatchObject([
      { content: expect.stringMatching(/Fix the parser[\s\S]*`since-then\.ts`/) },
    ]);
    const after = readDraft(paths, "s-1");
    expect(Date.now() - (after?.savedAt ?? 0)).toBeGreaterThan(400_000);
  });

  it("sends only the text with --no-capsule", async () => {
    leaveDraft();
    await mac.run(["handover", "--send", "--no-capsule"]);
    const content =
      /^# Handover\n\nFix the parser\.\n\n## Not in this handover\n\nThe work is on `mac`, in .*2 files uncommitted/;
    expect(mac.bridge.messages).toMatchObject([{ content: expect.stringMatching(content), to: "*/photon" }]);
    expect(mac.bridge.messages[0]).not.toHaveProperty("work.capsule");
  });

  it("hands over the git state of the folder if there is no draft", async () => {
    const { stdout } = await mac.run(["handover"], { cwd: folder });
    expect(stdout).toContain("Untracked: `.env`, `parser.ts`");
  });

  it.each([
    ["contradicting options", ["--draft", "--send"]],
    ["an unknown session", ["nobody"]],
    ["an invalid address", ["--to", "my pc"]],
  ])("refuses %s as wrong usage", async (_, args) => {
    expect((await mac.run(["handover", ...args])).code).toBe(2);
  });

  it("sends nothing if a capsule was requested and cannot be built", async () => {
    leaveDraft();
    rmSync(join(folder, ".git"), { recursive: true });
    const { code, stderr } = await mac.run(["handover", "--send", "--capsule"]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/^photon: Not sent\. /) });
    expect(mac.bridge.messages).toEqual([]);
  });
});

describe("photon drafts", () => {
  it("lists each session's draft, and whether it was sent", async () => {
    expect((await mac.run(["drafts"])).stdout).toContain("No drafts");
    leaveDraft();
    leaveDraft("s-2");
    await mac.run(["handover", "s-2", "--send", "--no-capsule"]);
    const { drafts } = JSON.parse((await mac.run(["drafts", "--json"])).stdout);
    expect(drafts.map(({ session, state }: { session: string; state: string }) => [session, state]).sort()).toEqual([
      ["s-1", "not sent"],
      ["s-2", "sent"],
    ]);
    expect((await mac.run(["drafts"])).stdout).toMatch(/s-1 {2}photon, main, 1 file {2}now, not sent/);
  });
});
