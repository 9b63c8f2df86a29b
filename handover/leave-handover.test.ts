import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../client/config.ts";
import { readOutbox } from "../client/outbox.ts";
import { type Paths, photonPaths } from "../client/paths.ts";
import { MessageDraft } from "../contract/message.ts";
import { listDrafts, readDraft } from "./draft-store.ts";
import { leaveHandover } from "./leave-handover.ts";
import { PUBLISH_INTERVAL_MS } from "./policy.ts";
import { publishDraft } from "./publish.ts";

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
  return leaveHandover(paths, config(env), { session: "s-1", transcriptPath, folder, lastAnswer, isFinal }, now);
};
const queued = () => readOutbox(paths).map((entry) => MessageDraft.parse(entry.draft));
const draft = () => readDraft(paths, "s-1");

describe("leaveHandover", () => {
  it("keeps and publishes what the transcript and git tell", () => {
    asks("Write the parser");
    edits("parser.ts");
    says("Done.");
    const id = leave(true);
    expect(draft()).toMatchObject({ project: "my project", machine: "mac", prompts: 1, edits: 1, savedAt: NOW });
    expect(queued()).toMatchObject([{ id, content: draft()?.text, project: "my project", to: "*/my project" }]);
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

  it("leaves nothing of a trivial session, and nothing under the policy off", () => {
    asks("What is this?");
    says("A folder.");
    expect(leave(true)).toBeNull();
    edits("a.ts");
    expect(leave(true, { env: { ...SET_UP, PHOTON_HANDOVER: "off" } })).toBeNull();
    expect(listDrafts(paths)).toEqual([]);
    expect(queued()).toEqual([]);
  });

  it("keeps the draft on this machine under the policy draft, and when the machine is not set up", () => {
    asks("Go");
    edits("a.ts");
    expect(leave(true, { env: { ...SET_UP, PHOTON_HANDOVER: "draft" } })).toBeNull();
    expect(leave(true, { env: {} })).toBeNull();
    expect(draft()?.text).toContain("> Go");
    expect(queued()).toEqual([]);
  });

  it("publishes at most every ten minutes while the session works, and what is new at its end", () => {
    asks("Go");
    edits("a.ts");
    const first = leave(false);
    const published = draft()?.publishedAt ?? 0;
    edits("b.ts");
    expect(leave(false, { now: published + PUBLISH_INTERVAL_MS - 1 })).toBeNull();
    expect(draft()?.text).toContain("b.ts");
    const second = leave(false, { now: published + PUBLISH_INTERVAL_MS });
    expect(leave(true, { now: published + PUBLISH_INTERVAL_MS + 1 })).toBeNull(); // nothing new
    edits("c.ts");
    const third = leave(true, { now: published + PUBLISH_INTERVAL_MS + 2 });
    expect(queued().map(({ id, replaces }) => [id, replaces])).toEqual([
      [first, undefined],
      [second, first],
      [third, second],
    ]);
  });

  it("prefers what the client says Claude said last, to the end of the session", () => {
    asks("Go");
    edits("a.ts");
    says("I will look.");
    leave(false, { lastAnswer: "All done." });
    leave(true);
    expect(draft()?.text).toContain("> All done.");
    expect(draft()?.text).not.toContain("I will look.");
  });

  it("does not keep an old answer when the person asked for more since", () => {
    asks("Go");
    edits("a.ts");
    leave(false, { lastAnswer: "All done." });
    asks("And the tests?");
    says("They fail.");
    leave(true);
    expect(draft()?.text).toContain("> They fail.");
    expect(draft()?.text).not.toContain("All done.");
  });

  it("does not replace the person's own handover at the end of the turn that sent it", () => {
    asks("Go");
    edits("a.ts");
    leave(false, { env: { ...SET_UP, PHOTON_HANDOVER: "draft" } });
    const saved = draft();
    if (!saved) throw new Error("there is no draft");
    publishDraft(paths, config(), saved, "In my words.", "pc");
    expect(leave(false, { lastAnswer: "Handed over.", now: NOW + 10 * PUBLISH_INTERVAL_MS })).toBeNull();
    expect(leave(true)).toBeNull();
    expect(queued().map(({ content }) => content)).toEqual(["In my words."]);
  });

  it("does not lose a draft when the transcript is gone", () => {
    asks("Go");
    edits("a.ts");
    leave(false, { env: {} });
    rmSync(transcriptPath);
    leaveHandover(paths, config(), { session: "s-1", transcriptPath, folder, lastAnswer: null, isFinal: true }, NOW);
    leaveHandover(
      paths,
      config(),
      { session: "s-1", transcriptPath: null, folder, lastAnswer: null, isFinal: true },
      NOW,
    );
    expect(draft()?.text).toContain("> Go");
  });
});
