import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HandoverDraft, listDrafts, readDraft, saveDraft } from "../../handover/draft/draft-store.ts";
import { keepDraft } from "../../handover/draft/keep-draft.ts";
import { forgetOpen, noteOpen } from "../../handover/draft/open-sessions.ts";
import { ServerContext } from "../../server/context.ts";
import { handOver } from "../../server/tools/hand-over.ts";
import { runCommand } from "../support/cli/built-cli.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let mac: TestMachine;
let world: string;
let folder: string;
beforeAll(async () => {
  bridge = await RealBridge.start();
});
afterAll(() => bridge.stop());
beforeEach(async () => {
  await bridge.api.call("clearMessages", { query: { confirm: "true" } });
  mac = bridge.machine("mac");
  rmSync(mac.paths.sessions, { recursive: true, force: true });
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon whose ")));
  folder = join(world, "app");
  mkdirSync(folder);
  git("init", "-q", "-b", "main");
  writeFileSync(join(folder, "README.md"), "hello\n");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
});
afterEach(() => rmSync(world, { recursive: true, force: true }));

function git(...args: string[]): string {
  const env = { PATH: process.env.PATH ?? "", HOME: world, TMPDIR: tmpdir(), GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example"];
  return execFileSync("git", [...who, ...args], { cwd: folder, env, encoding: "utf8", stdio: "pipe" });
}

const transcriptOf = (session: string) => join(world, `${session}.jsonl`);
const write = (session: string, ...lines: object[]) =>
  appendFileSync(transcriptOf(session), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
const asks = (session: string, content: string) =>
  write(session, { type: "user", message: { role: "user", content }, timestamp: new Date().toISOString() });
const says = (session: string, text: string) =>
  write(session, { type: "assistant", message: { role: "assistant", content: [{ type: "text", text }] } });
/** Claude writes a file with its tool. */
function edits(session: string, name: string): void {
  const path = join(folder, name);
  writeFileSync(path, "x\n");
  const call = { type: "tool_use", id: `toolu_${name}`, name: "Write", input: { file_path: path, content: "x\n" } };
  const result = { type: "tool_result", tool_use_id: `toolu_${name}` };
  write(session, { type: "assistant", message: { content: [call] } });
  write(session, { type: "user", message: { content: [result] }, toolUseResult: { type: "create", filePath: path } });
}
/** As the hook of the session's start. */
const opens = (session: string) =>
  noteOpen(mac.paths, {
    session,
    pid: process.pid,
    transcriptPath: transcriptOf(session),
    folder,
    seenAt: Date.now(),
    isDue: false,
    hasEnded: false,
  });
/** As the hook at the end of a turn. */
const stops = (session: string, isFinal = false) =>
  keepDraft(mac.paths, mac.config, {
    session,
    transcriptPath: transcriptOf(session),
    folder,
    lastAnswer: null,
    isFinal,
  });
/** A session that worked and ended; by `/clear`, for example. */
function worked(session: string, goal: string): void {
  opens(session);
  asks(session, goal);
  edits(session, `${session}.ts`);
  says(session, "Written.");
  stops(session, true);
  forgetOpen(mac.paths, session);
}

const SURFACES = [
  {
    surface: "hand_over",
    async handsOver(session: string | null, send: boolean): Promise<string> {
      const env = { ...mac.env, ...(session !== null && { CLAUDE_CODE_SESSION_ID: session }) };
      return (await handOver.run(send ? { send } : {}, new ServerContext({ env, folder }))).text;
    },
  },
  {
    surface: "photon handover",
    async handsOver(session: string | null, send: boolean): Promise<string> {
      const env = { ...mac.env, CLAUDECODE: "1", ...(session !== null && { CLAUDE_CODE_SESSION_ID: session }) };
      const { stdout, stderr, code } = await runCommand(["handover", ...(send ? ["--send"] : [])], {
        env,
        cwd: folder,
      });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return stdout;
    },
  },
];
const sent = async () =>
  (await bridge.api.call("listMessages", { query: { kind: "handover" } })).messages.map(({ session, content }) => ({
    session,
    content,
  }));

describe.each(SURFACES)("$surface in a session", ({ handsOver }) => {
  it("sends the page as it is now: edits, prompts and git since the last turn ended", async () => {
    opens("own");
    asks("own", "Write the parser, then the lexer");
    edits("own", "parser.ts");
    says("own", "The parser is written.");
    stops("own");
    asks("own", "Go on with the lexer");
    edits("own", "lexer.ts");
    writeFileSync(join(folder, "by-hand.ts"), "x\n");
    git("switch", "-q", "-c", "lexer");
    expect(readDraft(mac.paths, "own")?.text).not.toContain("lexer.ts");
    expect(await handsOver("own", false)).toContain("`lexer.ts`");
    await handsOver("own", true);
    const [handover, ...others] = await sent();
    expect(others).toEqual([]);
    expect(handover?.session).toBe("own");
    for (const fact of ["`lexer.ts`", "`by-hand.ts`", "Branch `lexer`", "Go on with the lexer"])
      expect(handover?.content).toContain(fact);
  });

  it("makes the page in the first turn, even if another session of the project has a newer draft", async () => {
    worked("other", "Rewrite the docs");
    opens("own");
    asks("own", "Write the parser");
    edits("own", "parser.ts");
    stops("other");
    await handsOver("own", true);
    expect(await sent()).toEqual([{ session: "own", content: expect.stringContaining("Write the parser") }]);
    expect((await sent())[0]?.content).not.toContain("Rewrite the docs");
  });

  it("hands over the state in git if nobody knows the transcript, as without drafts", async () => {
    worked("other", "Rewrite the docs");
    writeFileSync(join(folder, "by-hand.ts"), "x\n");
    await handsOver("own", true);
    const [handover] = await sent();
    expect(handover).toMatchObject({ session: "own", content: expect.stringContaining("`by-hand.ts`") });
    expect(handover?.content).not.toContain("Rewrite the docs");
  });

  it("sends no other session's draft after /clear, but says that it exists and how to send it", async () => {
    worked("earlier", "Rewrite the docs");
    opens("own");
    const said = await handsOver("own", true);
    expect(said).toMatch(/earlier session .*\(saved just now, not sent\).*\n {2}photon handover earlier --send/);
    expect((await sent()).map(({ session }) => session)).toEqual(["own"]);
    expect(await handsOver("own", false)).toContain("photon handover earlier --send");
  });

  it("does not mention an earlier session once this one has work, nor one that is still open", async () => {
    worked("earlier", "Rewrite the docs");
    opens("own");
    asks("own", "Write the parser");
    edits("own", "parser.ts");
    expect(await handsOver("own", false)).not.toContain("photon handover earlier");
    opens("earlier");
    opens("third");
    expect(await handsOver("third", false)).not.toContain("photon handover earlier");
  });

  it("keeps its draft if its transcript was deleted", async () => {
    worked("own", "Write the parser");
    opens("own");
    rmSync(transcriptOf("own"));
    expect(await handsOver("own", false)).toContain("Write the parser");
  });

  it("uses no session's draft if the client does not say which session it is", async () => {
    worked("other", "Rewrite the docs");
    writeFileSync(join(folder, "by-hand.ts"), "x\n");
    const said = await handsOver(null, true);
    expect(said).not.toContain("Rewrite the docs");
    const [handover] = await sent();
    expect(handover?.session).not.toBe("other");
    expect(handover?.content).toContain("`by-hand.ts`");
  });
});

describe("hand_over in a session that has done nothing", () => {
  it("sends nothing from a clean folder, and names the session before it", async () => {
    worked("earlier", "Rewrite the docs");
    git("add", "-A");
    git("commit", "-qm", "docs");
    git("update-ref", "refs/remotes/origin/main", "HEAD");
    git("remote", "add", "origin", join(world, "elsewhere.git"));
    opens("own");
    const context = new ServerContext({ env: { ...mac.env, CLAUDE_CODE_SESSION_ID: "own" }, folder });
    const { text } = await handOver.run({ send: true }, context);
    expect(text).toMatch(/^Nothing was sent: [^\n]*\n[^\n]*:\n {2}photon handover earlier --send$/);
    expect(await sent()).toEqual([]);
  });
});

describe("photon handover outside a session", () => {
  const photon = (...args: string[]) => runCommand(args, { env: mac.env, cwd: folder });

  it("names whose draft it shows, and names it before it sends it", async () => {
    worked("older", "Rewrite the docs");
    worked("newer", "Write the parser");
    const shown = await photon("handover");
    expect(shown.stdout).toMatch(/^Session newer on main, saved just now:\n/);
    const { stderr, stdout } = await photon("handover", "--send");
    expect(stderr).toBe("Session newer on main, saved just now.\n");
    expect(stdout).toContain("Handed over to */photon");
    expect((await sent()).map(({ session }) => session)).toEqual(["newer"]);
    const json = JSON.parse((await photon("handover", "--json")).stdout);
    expect(json).toMatchObject({ session: "newer", savedAt: expect.stringMatching(/Z$/) });
  });

  it("makes the draft of a session again that is still open, with the settings of its project", async () => {
    opens("open");
    asks("open", "Write the parser");
    edits("open", "parser.ts");
    stops("open");
    const kept = readDraft(mac.paths, "open");
    saveDraft(mac.paths, { ...(kept as HandoverDraft), project: "lamp" });
    edits("open", "lexer.ts");
    const { stdout } = await photon("handover", "open");
    expect(stdout).toMatch(/^Session open on main, still open, as it is now:\n/);
    expect(stdout).toContain("`lexer.ts`");
    expect(listDrafts(mac.paths)).toMatchObject([{ session: "open", project: "lamp" }]);
  });
});
