import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { type HandoverDraft, latestDraft, listDrafts, readDraft, saveDraft } from "./draft-store.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon drafts "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const draft = (session: string, more: Partial<HandoverDraft> = {}): HandoverDraft => ({
  session,
  project: "photon",
  machine: "mac",
  text: "# Handover",
  savedAt: 1_000,
  prompts: 2,
  edits: 1,
  folder: "/home/dev/photon",
  branch: "main",
  files: 3,
  policy: "auto",
  ...more,
});

describe("the drafts on this machine", () => {
  it("are read as they were saved, with all or only the required fields", () => {
    const whole = draft("s-1", { lastAnswer: "done", policy: "draft" });
    saveDraft(paths, whole);
    saveDraft(paths, draft("s-2", { project: null, branch: null }));
    expect(readDraft(paths, "s-1")).toEqual(whole);
    expect(readDraft(paths, "s-2")).toEqual(draft("s-2", { project: null, branch: null }));
    expect(readDraft(paths, "s-3")).toBeNull();
  });

  it("are one per session: a newer one replaces the older", () => {
    saveDraft(paths, draft("s-1", { text: "old" }));
    saveDraft(paths, draft("s-1", { text: "new" }));
    expect(listDrafts(paths).map(({ text }) => text)).toEqual(["new"]);
  });

  it("are found by project, ignoring case; sessions without a project are separate", () => {
    saveDraft(paths, draft("s-1", { savedAt: 1 }));
    saveDraft(paths, draft("s-2", { savedAt: 3, project: "Photon" }));
    saveDraft(paths, draft("s-3", { savedAt: 4, project: null }));
    saveDraft(paths, draft("s-4", { savedAt: 2 }));
    expect(latestDraft(paths, "photon")?.session).toBe("s-2");
    expect(latestDraft(paths, null)?.session).toBe("s-3");
    expect(latestDraft(paths, "lamp")).toBeNull();
    expect(listDrafts(paths).map(({ session }) => session)).toEqual(["s-3", "s-2", "s-4", "s-1"]);
  });

  it.each(["../evil", "a/b", "", ".hidden", "x".repeat(65), "a\\b", "c:d"])(
    "are refused for the session id %j",
    (session) => {
      expect(() => saveDraft(paths, draft(session))).toThrow(RangeError);
      expect(readDraft(paths, session)).toBeNull();
      expect(readdirSync(home)).toEqual([]);
    },
  );

  it("are set aside when damaged; other files are ignored", () => {
    saveDraft(paths, draft("s-1"));
    writeFileSync(join(paths.sessions, "s-2.json"), '{"v":1,"sess');
    writeFileSync(join(paths.sessions, "s-3.json"), '{"v":1,"draft":{"text":7}}');
    expect(listDrafts(paths).map(({ session }) => session)).toEqual(["s-1"]);
    expect(existsSync(join(paths.sessions, "s-2.json.damaged"))).toBe(true);
  });

  it("have the policy draft if theirs is missing", () => {
    saveDraft(paths, draft("s-1"));
    const file = join(paths.sessions, "s-1.json");
    const { policy: _, folder: __, ...rest } = JSON.parse(readFileSync(file, "utf8")).draft;
    writeFileSync(file, JSON.stringify({ v: 1, draft: rest }));
    expect(readDraft(paths, "s-1")).toMatchObject({ text: "# Handover", policy: "draft", folder: "" });
  });

  it("are removed after thirty days without a change, when a new one is saved", () => {
    saveDraft(paths, draft("old"));
    saveDraft(paths, draft("younger"));
    const now = Date.now();
    const daysAgo = (days: number) => new Date(now - days * 24 * 60 * 60 * 1000);
    utimesSync(join(paths.sessions, "old.json"), daysAgo(31), daysAgo(31));
    utimesSync(join(paths.sessions, "younger.json"), daysAgo(29), daysAgo(29));
    saveDraft(paths, draft("new"));
    expect(readdirSync(paths.sessions).sort()).toEqual(["new.json", "younger.json"]);
  });

  it.skipIf(process.platform === "win32")("are readable by their owner alone (Windows has no modes)", () => {
    saveDraft(paths, draft("s-1"));
    expect(statSync(join(paths.sessions, "s-1.json")).mode & 0o777).toBe(0o600);
    expect(statSync(paths.sessions).mode & 0o777).toBe(0o700);
  });
});
