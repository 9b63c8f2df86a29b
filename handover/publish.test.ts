import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Config, loadConfig } from "../client/config.ts";
import { readOutbox } from "../client/outbox.ts";
import { type Paths, photonPaths } from "../client/paths.ts";
import { MAX_CONTENT_BYTES, MessageDraft, utf8Bytes } from "../contract/message.ts";
import { type HandoverDraft, readDraft, saveDraft } from "./draft-store.ts";
import { hasNews, publishByPolicy, publishDraft } from "./publish.ts";

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
  v: 1,
  session: "s-1",
  project: "photon",
  machine: "mac",
  text: "# Handover\n\nfirst",
  savedAt: 1_000,
  prompts: 2,
  edits: 1,
  publishedId: null,
  publishedAt: null,
  publishedText: null,
  ...more,
});
/** What waits in the outbox, as the contract reads it. */
const queued = () => readOutbox(paths).map((entry) => MessageDraft.parse(entry.draft));
const stored = () => {
  const found = readDraft(paths, "s-1");
  if (!found) throw new Error("there is no draft");
  return found;
};

describe("a published handover", () => {
  it("waits in the outbox for every machine in the project, and is noted in the draft", () => {
    const id = publishDraft(paths, config, draft());
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
      },
    ]);
    expect(stored()).toMatchObject({
      publishedId: id,
      publishedText: "# Handover\n\nfirst",
      publishedAt: expect.any(Number),
    });
  });

  it("is for everyone when the session was in no project", () => {
    publishDraft(paths, config, draft({ project: null }));
    expect(queued()).toMatchObject([{ from: "mac", to: null, project: null }]);
  });

  it("replaces the session's earlier one, even when the caller's draft is from before that", () => {
    const old = draft();
    const first = publishDraft(paths, config, old);
    const second = publishDraft(paths, config, old, "better");
    publishByPolicy(paths, config, stored());
    expect(queued().map(({ replaces }) => replaces)).toEqual([undefined, first, second]);
  });

  it("is not noted when it could not be queued", () => {
    writeFileSync(paths.outbox, "in the way");
    saveDraft(paths, draft());
    expect(() => publishDraft(paths, config, draft())).toThrow();
    expect(stored().publishedId).toBeNull();
  });

  it("is refused for a session whose id is no plain one", () => {
    expect(() => publishDraft(paths, config, draft({ session: "../evil" }))).toThrow(RangeError);
    expect(queued()).toEqual([]);
  });
});

describe("news for the policy to publish", () => {
  it("are there before the first publication and when the draft says something else since", () => {
    expect(hasNews(draft())).toBe(true);
    publishByPolicy(paths, config, draft());
    expect(hasNews(stored())).toBe(false);
    expect(hasNews({ ...stored(), text: "# Handover\n\nsecond" })).toBe(true);
  });

  it("are not there after the person's own handover until the session goes on", () => {
    publishDraft(paths, config, draft());
    const turnEnded = { ...stored(), text: "# Handover\n\nHanded over." };
    expect(hasNews(turnEnded)).toBe(false);
    expect(hasNews({ ...turnEnded, prompts: 3 })).toBe(true);
    expect(hasNews({ ...turnEnded, edits: 2 })).toBe(true);
  });

  it("keep the person's words and addressee when the session goes on", () => {
    publishDraft(paths, config, draft(), "What I want you to know.\n", "pc");
    const wentOn = { ...stored(), text: "# Handover\n\nsecond", prompts: 3 };
    publishByPolicy(paths, config, wentOn);
    const [, later] = queued();
    expect(later).toMatchObject({ to: "pc" });
    expect(later?.content).toMatch(/^What I want you to know\.\n\n---\n[\s\S]*# Handover\n\nsecond$/);
    expect(hasNews(stored())).toBe(false);
  });

  it("keep the words of a person who handed over before there was a draft", () => {
    publishDraft(paths, config, draft({ text: "My words.", prompts: 0, edits: 0 }));
    publishByPolicy(paths, config, { ...stored(), text: "# Handover\n\nfirst", prompts: 1, edits: 3 });
    expect(queued()[1]?.content).toMatch(/^My words\.\n\n---\n[\s\S]*# Handover\n\nfirst$/);
  });

  it("do not repeat a draft the person sent as it was", () => {
    saveDraft(paths, draft());
    publishDraft(paths, config, draft());
    publishByPolicy(paths, config, { ...stored(), text: "# Handover\n\nsecond", prompts: 3 });
    expect(queued()[1]?.content).toBe("# Handover\n\nsecond");
  });

  it("never make a message the bridge would refuse for its size", () => {
    const text = "€".repeat(87_000); // 261,000 bytes: the bridge takes it, but nothing beside it
    publishDraft(paths, config, draft(), text);
    publishByPolicy(paths, config, { ...stored(), text: "x".repeat(3_000), prompts: 3 });
    publishDraft(paths, config, stored(), "€".repeat(60_000));
    publishByPolicy(paths, config, { ...stored(), text: "€".repeat(3_000), prompts: 4 });
    for (const { content } of queued()) expect(utf8Bytes(content)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
    expect(queued()).toHaveLength(4);
  });
});
