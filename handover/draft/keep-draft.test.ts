import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { listDrafts, readDraft } from "./draft-store.ts";
import { keepDraft } from "./keep-draft.ts";
import { PUBLISH_INTERVAL_MS } from "./policy.ts";
import { savePublication } from "./publication-store.ts";

const NOW = 1_795_000_000_000;

let home: string;
let folder: string;
let transcriptPath: string;
let paths: Paths;
let transcript: object[];
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "photon leave ")));
  folder = join(home, "my project");
  mkdirSync(folder);
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
  transcriptPath = join(home, "session.jsonl");
  paths = photonPaths({ PHOTON_HOME: join(home, "photon") });
  transcript = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const IDENTITY = {
  PATH: process.env.PATH,
  ...{ GIT_AUTHOR_DATE: "@1700000000 +0000", GIT_COMMITTER_DATE: "@1700000000 +0000" },
  ...{
    GIT_AUTHOR_NAME: "t",
    GIT_AUTHOR_EMAIL: "t@example.com",
    GIT_COMMITTER_NAME: "t",
    GIT_COMMITTER_EMAIL: "t@example.com",
  },
};
const SET_UP = { BRIDGE_WORKER_URL: "http://bridge.test", BRIDGE_API_KEY: "key", BRIDGE_MACHINE_ID: "mac" };
const config = (env: NodeJS.ProcessEnv = SET_UP) => loadConfig({ env, paths, folder });
const asks = (content: string) => transcript.push({ type: "user", message: { role: "user", content } });
const says = (text: string) => transcript.push({ type: "assistant", message: { content: [{ type: "text", text }] } });
const edits = (name: string) => {
  const id = `toolu_${transcript.length}`;
  const path = join(folder, name);
  writeFileSync(path, "x");
  transcript.push(
    { type: "assistant", message: { content: [{ type: "tool_use", id, name: "Write", input: { file_path: path } }] } },
    {
      type: "user",
      message: { content: [{ type: "tool_result", tool_use_id: id }] },
      toolUseResult: { type: "create" },
    },
  );
};
const leave = (
  isFinal: boolean,
  { now = NOW, lastAnswer = null as string | null, env = SET_UP as NodeJS.ProcessEnv } = {},
) => {
  writeFileSync(transcriptPath, transcript.map((line) => JSON.stringify(line)).join("\n"));
  return keepDraft(paths, config(env), { session: "s-1", transcriptPath, folder, lastAnswer, isFinal }, now);
};
const draft = () => readDraft(paths, "s-1");

/** Records a publication now, by the policy or by the person. */
const publish = (at: number, more: { byPerson?: object } = {}) => {
  const { text = "", prompts = 0, edits = 0 } = draft() ?? {};
  const byPerson = more.byPerson && { text: null, to: null, prompts, edits, ...more.byPerson };
  savePublication(paths, { session: "s-1", id: "id", at, text, ...(byPerson && { byPerson }) });
};

describe("keepDraft", () => {
  it("saves the facts of the transcript and of git, and says that it is due", () => {
    asks("Write the parser");
    edits("parser.ts");
    says("Done.");
    expect(leave(true)).toBe(true);
    expect(draft()).toMatchObject({
      project: "my project",
      machine: "mac",
      prompts: 1,
      edits: 1,
      savedAt: NOW,
      folder,
      branch: "main",
      files: 1,
      policy: "auto",
    });
    for (const part of [
      "> Write the parser",
      "> Done.",
      "- `parser.ts` (created)",
      "Branch `main`",
      "Untracked: `parser.ts`",
    ]) {
      expect(draft()?.text).toContain(part);
    }
  });

  it("is not cut off by a limit before the answer that the client passes", () => {
    asks("Write the parser");
    edits("parser.ts");
    const limit = "Claude usage limit reached. Your limit will reset at 5pm";
    const content = [{ type: "text", text: limit }];
    transcript.push({ type: "assistant", isApiErrorMessage: true, message: { content } });
    leave(false, { lastAnswer: limit });
    expect(draft()?.text).toContain("Cut off: ");
    asks("Go on with the parser please");
    leave(false, { lastAnswer: "All done, the parser works." });
    expect(draft()?.text).toContain("> All done, the parser works.");
    expect(draft()?.text).not.toMatch(/Cut off|not done|not finished/);
  });

  it("counts each file once, whichever source names it", () => {
    asks("Go");
    edits("a.ts");
    mkdirSync(join(folder, "new"));
    edits("new/b.ts"); // git names the folder
    writeFileSync(join(folder, "by hand.txt"), "x");
    leave(true);
    expect(draft()?.files).toBe(3);
  });

  const calls = (name: string, input: object, result: object = { stdout: "" }) => {
    const id = `toolu_${transcript.length}`;
    const timestamp = new Date(Date.now() - 60_000).toISOString();
    transcript.push(
      { type: "assistant", timestamp, message: { content: [{ type: "tool_use", id, name, input }] } },
      {
        type: "user",
        message: { content: [{ type: "tool_result", tool_use_id: id, content: "" }] },
        toolUseResult: result,
      },
    );
  };
  const oldEnough = () =>
    execFileSync("git", ["commit", "-q", "--allow-empty", "-m", "x"], { cwd: folder, env: IDENTITY });

  it.each<[string, (path: string) => void, string]>([
    ["a command whose words name them", () => calls("Bash", { command: "cat > made.ts <<E\nx\nE" }), "made.ts"],
    [
      "a command that only git understands",
      (path) => {
        writeFileSync(path, "x");
        calls("Bash", { command: "./generate" });
      },
      "`made.ts` (new)",
    ],
    ["a tool of a server", (path) => calls("mcp__ide__write_file", { path, content: "x" }), "made.ts"],
    [
      "a subagent",
      (path) => {
        writeFileSync(path, "x");
        calls("Agent", { description: "Make it" }, { status: "completed" });
      },
      "made.ts",
    ],
    ["a commit", () => calls("Bash", { command: "git commit -qam Made" }), "Commit “Made”"],
  ])("saves a draft after one prompt if files were changed by %s", (_, change, part) => {
    oldEnough();
    asks("Make the file for me");
    change(join(folder, "made.ts"));
    expect(leave(true)).toBe(true);
    expect(draft()?.text).toContain(part);
    expect(draft()?.text).not.toContain("No files changed");
  });

  it.each<[string, () => void]>([
    ["only looked around", () => calls("Bash", { command: "ls && cat package.json | head -5" })],
    ["ran something that changed nothing", () => calls("Bash", { command: "./show-state" })],
    ["asked a subagent, which changed nothing", () => calls("Agent", { description: "Look" }, { status: "completed" })],
    ["had only answers after the first prompt", () => ["yes", "A", "continue"].forEach(asks)],
  ])("saves nothing if the session %s", (_, look) => {
    oldEnough();
    asks("What is this folder?");
    look();
    expect(leave(true)).toBe(false);
    expect(draft()).toBeNull();
  });

  it("saves nothing for sessions of other programs, unless one works for the person", () => {
    const program = { entrypoint: "sdk-cli" };
    for (const prompt of ["Hello memory agent, you continue to watch", "Note the next step", "and one more of them"]) {
      transcript.push({ type: "user", message: { role: "user", content: prompt }, ...program });
    }
    edits("notes.md");
    expect(leave(true)).toBe(false);
    transcript.splice(0);
    for (const prompt of ["Sum up this week's mail", "and last week's, too"]) {
      transcript.push({ type: "user", message: { role: "user", content: prompt }, ...program });
    }
    expect(leave(true)).toBe(false);
    edits("sum.md");
    expect(leave(true)).toBe(true);
  });

  it("has the files of subagents whose transcripts lie next to the session's", () => {
    asks("Let two agents write it");
    calls("Agent", { description: "Write" }, { status: "completed" });
    const path = join(folder, "found.md");
    const own = [
      {
        type: "assistant",
        isSidechain: true,
        message: { content: [{ type: "tool_use", id: "1", name: "Write", input: { file_path: path } }] },
      },
      {
        type: "user",
        isSidechain: true,
        message: { content: [{ type: "tool_result", tool_use_id: "1" }] },
        toolUseResult: { type: "create" },
      },
    ];
    const subagents = join(home, "session", "subagents");
    mkdirSync(subagents, { recursive: true });
    writeFileSync(join(subagents, "agent-a1.jsonl"), own.map((line) => JSON.stringify(line)).join("\n"));
    expect(leave(true)).toBe(true);
    expect(draft()?.text).toContain("`found.md` (created)");
  });

  it("saves nothing for a trivial session, or under the policy off", () => {
    asks("What is this?");
    says("A folder.");
    expect(leave(true)).toBe(false);
    edits("a.ts");
    expect(leave(true, { env: { ...SET_UP, PHOTON_HANDOVER: "off" } })).toBe(false);
    expect(listDrafts(paths)).toEqual([]);
  });

  it("keeps the draft on this machine under the policy draft, and when the machine is not set up", () => {
    asks("Go");
    edits("a.ts");
    expect(leave(true, { env: { ...SET_UP, PHOTON_HANDOVER: "draft" } })).toBe(false);
    expect(draft()?.policy).toBe("draft");
    expect(leave(true, { env: {} })).toBe(false);
    expect(draft()?.text).toContain("> Go");
  });

  it("is due at most every ten minutes while the session works, and at its end if there is news", () => {
    asks("Go");
    edits("a.ts");
    expect(leave(false)).toBe(true);
    publish(NOW);
    edits("b.ts");
    expect(leave(false, { now: NOW + PUBLISH_INTERVAL_MS - 1 })).toBe(false);
    expect(draft()?.text).toContain("b.ts");
    expect(leave(false, { now: NOW + PUBLISH_INTERVAL_MS })).toBe(true);
    publish(NOW + PUBLISH_INTERVAL_MS);
    expect(leave(true, { now: NOW + PUBLISH_INTERVAL_MS + 1 })).toBe(false); // nothing new
    edits("c.ts");
    expect(leave(true, { now: NOW + PUBLISH_INTERVAL_MS + 2 })).toBe(true);
  });

  it("prefers the last answer that the client passes, until the end of the session", () => {
    asks("Go");
    edits("a.ts");
    says("I will look.");
    leave(false, { lastAnswer: "All done." });
    leave(true);
    expect(draft()?.text).toContain("> All done.");
    expect(draft()?.text).not.toContain("I will look.");
  });

  it("does not keep an old answer after a new prompt", () => {
    asks("Go");
    edits("a.ts");
    leave(false, { lastAnswer: "All done." });
    asks("And the tests?");
    says("They fail.");
    leave(true);
    expect(draft()?.text).toContain("> They fail.");
    expect(draft()?.text).not.toContain("All done.");
  });

  it("is not due again at the end of the turn in which the person handed over", () => {
    asks("Go");
    edits("a.ts");
    leave(false);
    publish(NOW, { byPerson: { text: "In my words.", to: "pc" } });
    expect(leave(false, { lastAnswer: "Handed over.", now: NOW + 10 * PUBLISH_INTERVAL_MS })).toBe(false);
    expect(leave(true)).toBe(false);
    asks("Go on");
    expect(leave(true)).toBe(true);
  });

  it("is no news only because the person ended the session", () => {
    asks("Go");
    edits("a.ts");
    leave(false);
    publish(NOW);
    const moment = { session: "s-1", transcriptPath, folder, lastAnswer: null, isFinal: true, isEndedByPerson: true };
    expect(keepDraft(paths, config(), moment, NOW + 1)).toBe(false);
    expect(draft()?.text).toContain("; ended by the person.");
  });

  it("keeps the draft when the transcript is gone", () => {
    asks("Go");
    edits("a.ts");
    leave(false, { env: {} });
    rmSync(transcriptPath);
    const moment = { session: "s-1", folder, lastAnswer: null, isFinal: true };
    keepDraft(paths, config(), { ...moment, transcriptPath }, NOW);
    keepDraft(paths, config(), { ...moment, transcriptPath: null }, NOW);
    expect(draft()?.text).toContain("> Go");
  });
});
