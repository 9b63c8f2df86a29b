import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { readOutbox } from "../../client/mail/outbox-folder.ts";
import { type Config, loadConfig } from "../../client/settings/config.ts";
import { MAX_CONTENT_BYTES, MessageDraft, utf8Bytes } from "../../contract/message.ts";
import { type HandoverDraft, saveDraft } from "../draft/draft-store.ts";
import { hasNews, readPublication } from "../draft/publication-store.ts";
import { type PersonsChoice, publishByPolicy, publishDraft } from "./publish.ts";
import { tryBuildCapsule } from "./work-capsule.ts";

let home: string;
let paths: Paths;
let config: Config;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon publish "));
  paths = photonPaths({ PHOTON_HOME: home });
  const env = { BRIDGE_WORKER_URL: "http://bridge.test", BRIDGE_API_KEY: "key", BRIDGE_MACHINE_ID: "mac" };
  config = loadConfig({ env, paths, folder: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const draft = (more: Partial<HandoverDraft> = {}): HandoverDraft => ({
  session: "s-1",
  project: "photon",
  machine: "mac",
  text: "# Handover\n\nfirst",
  savedAt: 1_000,
  folder: "",
  branch: "feature/x",
  files: 3,
  prompts: 2,
  edits: 1,
  policy: "auto",
  ...more,
});
const byPerson = (from: HandoverDraft, choice: Partial<PersonsChoice> = {}) =>
  publishDraft(paths, config, from, { capsule: null, ...choice });
const byPolicy = (from: HandoverDraft) => publishByPolicy(paths, config, from, null);
/** The messages in the outbox, parsed by the contract. */
const queued = () => readOutbox(paths).map((entry) => MessageDraft.parse(entry.draft));
const published = () => readPublication(paths, "s-1");

describe("a published handover", () => {
  it("is queued for every machine in the project, with its branch and file count, and is recorded", async () => {
    const { id } = await byPerson(draft());
    expect(queued()).toEqual([
      {
        id,
        from: "mac/photon",
        to: "*/photon",
        project: "photon",
        kind: "handover",
        content: "# Handover\n\nfirst",
        tags: ["handover"],
        session: "s-1",
        work: { branch: "feature/x", files: 3 },
      },
    ]);
    expect(published()).toMatchObject({ id, text: "# Handover\n\nfirst", at: expect.any(Number) });
  });

  it("is for everyone if the session was in no project", async () => {
    await byPerson(draft({ project: null }));
    expect(queued()).toMatchObject([{ from: "mac", to: null, project: null }]);
  });

  it("replaces the session's earlier one", async () => {
    const { id: first } = await byPerson(draft());
    const { id: second } = await byPerson(draft(), { text: "better" });
    await byPolicy(draft());
    expect(queued().map(({ replaces }) => replaces)).toEqual([undefined, first, second]);
  });

  it("is not recorded if it could not be queued", async () => {
    writeFileSync(paths.outbox, "in the way");
    await expect(byPerson(draft())).rejects.toThrow();
    expect(published()).toBeNull();
  });

  it("is refused for an invalid session id", async () => {
    await expect(byPerson(draft({ session: "../evil" }))).rejects.toThrow(RangeError);
    expect(queued()).toEqual([]);
  });

  it("has secrets in its text and branch masked, unless a person allows them", async () => {
    const token = `${"gh"}p_${"aB3dE6gH9j".repeat(4).slice(0, 36)}`;
    const holds = draft({ text: `# Handover\n\nuse ${token}`, branch: `fix-${token}` });
    const { masked } = await byPerson(holds);
    expect(masked.map(({ what, line }) => [what, line])).toEqual([
      ["a GitHub token", 3],
      ["a GitHub token", 1],
    ]);
    expect(JSON.stringify(queued())).not.toContain(token);
    expect(queued()[0]?.content).toBe("# Handover\n\nuse [a GitHub token, left out by Photon]");
    await byPerson(holds, { allow: masked.map(({ code }) => code) });
    expect(queued()[1]?.content).toContain(token);
  });

  it("is neither cut nor queued if it is too long after masking", async () => {
    const address = `postgres:${"//"}u:p7%x@`;
    const text = `${address}h `.repeat(Math.floor(MAX_CONTENT_BYTES / (address.length + 2)));
    await expect(byPerson(draft({ text }))).rejects.toMatchObject({ code: "too_large" });
    expect(queued()).toEqual([]);
    expect(published()).toBeNull();
  });

  it("cuts a branch name to the bridge's limit", async () => {
    await byPerson(draft({ branch: "b".repeat(300) }));
    expect(queued()[0]?.work?.branch).toBe("b".repeat(100));
  });
});

describe("a handover with its capsule", () => {
  let folder: string;
  beforeEach(() => {
    folder = join(home, "my project");
    mkdirSync(folder);
    execFileSync("git", ["init", "-q"], { cwd: folder });
    writeFileSync(join(folder, "parser.ts"), "export {};\n");
    writeFileSync(join(folder, ".env"), "KEY=1\n");
  });

  it("references the capsule, lists its content and the exclusions, and keeps its bytes until they are sent", async () => {
    await byPerson(draft({ folder }), { capsule: await tryBuildCapsule(folder) });
    const [message] = queued();
    const { capsule, files } = message?.work ?? {};
    expect(files).toBe(1);
    expect(message?.content).toContain(`sha256 \`${capsule?.sha256.slice(0, 12)}…\``);
    expect(message?.content).toContain("1 file, ");
    expect(message?.content).toContain("`parser.ts`");
    expect(message?.content).toMatch(/^- Left out: `\.env`, /m);
    expect(readdirSync(paths.outbox)).toContain(`${capsule?.sha256}.capsule`);
    expect(published()?.text).toBe("# Handover\n\nfirst");
  });

  it("masks a secret that is a file name", async () => {
    const token = `${"gh"}p_${"aB3dE6gH9j".repeat(4).slice(0, 36)}`;
    writeFileSync(join(folder, `${token}.txt`), "x\n");
    await byPerson(draft({ folder }), { capsule: await tryBuildCapsule(folder) });
    expect(queued()[0]?.content).toContain(
      "- Left out: `[a GitHub token, left out by Photon].txt`, it may hold a secret: a GitHub token, in its name",
    );
    expect(JSON.stringify(queued())).not.toContain(token);
  });

  it("is sent without the capsule's section if no capsule could be built", async () => {
    for (const where of ["", join(home, "nowhere"), home]) {
      const capsule = await tryBuildCapsule(where);
      expect(capsule).toEqual({ built: null, why: expect.stringMatching(/^\w.*\.$/), leavesWork: false });
      await byPerson(draft(), { capsule });
    }
    for (const { content, work } of queued()) {
      expect(content).toBe("# Handover\n\nfirst");
      expect(work).toEqual({ branch: "feature/x", files: 3 });
    }
    expect(readdirSync(paths.outbox).filter((name) => name.endsWith(".capsule"))).toEqual([]);
  });
});

describe("news for the policy to publish", () => {
  it("exist before the first publication and after the draft changed", async () => {
    expect(hasNews(draft(), published())).toBe(true);
    await byPolicy(draft());
    expect(hasNews(draft(), published())).toBe(false);
    expect(hasNews(draft({ text: "# Handover\n\nsecond" }), published())).toBe(true);
  });

  it("do not exist after the person's own handover until the session continues", async () => {
    await byPerson(draft());
    const turnEnded = { ...draft(), text: "# Handover\n\nHanded over." };
    expect(hasNews(turnEnded, published())).toBe(false);
    expect(hasNews({ ...turnEnded, prompts: 3 }, published())).toBe(true);
    expect(hasNews({ ...turnEnded, edits: 2 }, published())).toBe(true);
  });

  it("keep the person's text and recipient when the session continues", async () => {
    await byPerson(draft(), { text: "What I want you to know.\n", to: "pc" });
    const wentOn = draft({ text: "# Handover\n\nsecond", prompts: 3 });
    await byPolicy(wentOn);
    const [, later] = queued();
    expect(later).toMatchObject({ to: "pc" });
    expect(later?.content).toMatch(/^What I want you to know\.\n\n---\n[\s\S]*# Handover\n\nsecond$/);
    expect(hasNews(wentOn, published())).toBe(false);
  });

  it("keep the text of a person who handed over before there was a draft", async () => {
    await byPerson(draft({ text: "My words.", prompts: 0, edits: 0 }));
    await byPolicy(draft({ text: "# Handover\n\nfirst", prompts: 1, edits: 3 }));
    expect(queued()[1]?.content).toMatch(/^My words\.\n\n---\n[\s\S]*# Handover\n\nfirst$/);
  });

  it("do not repeat a draft the person sent as it was", async () => {
    saveDraft(paths, draft());
    await byPerson(draft());
    await byPolicy(draft({ text: "# Handover\n\nsecond", prompts: 3 }));
    expect(queued()[1]?.content).toBe("# Handover\n\nsecond");
  });

  it("never make a message the bridge would refuse for its size", async () => {
    const text = "€".repeat(87_000); // 261,000 bytes: the bridge accepts it, but nothing more
    await byPerson(draft(), { text });
    await byPolicy(draft({ text: "x".repeat(3_000), prompts: 3 }));
    await byPerson(draft(), { text: "€".repeat(60_000) });
    await byPolicy(draft({ text: "€".repeat(3_000), prompts: 4 }));
    for (const { content } of queued()) expect(utf8Bytes(content)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
    expect(queued()).toHaveLength(4);
  });
});
