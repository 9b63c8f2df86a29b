import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { addReceipts } from "../client/mail/receipts.ts";
import { listDrafts, readDraft } from "../handover/draft/draft-store.ts";
import { openSessions } from "../handover/draft/open-sessions.ts";
import { savePublication } from "../handover/draft/publication-store.ts";
import {
  type BuiltHooks,
  buildHooks,
  flushed,
  hasStartedFlush,
  nodeVersions,
  runBuiltHook,
} from "../test/support/hooks/built-hooks.ts";

const RECORDED = join(import.meta.dirname, "../test/fixtures/transcripts/interactive-tasks-edits.jsonl");

let hooks: BuiltHooks;
beforeAll(async () => {
  hooks = await buildHooks({ stop: "hooks/stop.ts", "session-end": "hooks/session-end.ts" });
});
afterAll(() => hooks.remove());

let home: string;
let project: string;
let transcript: string;
let paths: Paths;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "photon home ")));
  project = join(home, "photon-demo");
  mkdirSync(project);
  execFileSync("git", ["init", "-q", "-b", "feature/crlf"], { cwd: project });
  transcript = join(home, "session.jsonl");
  cpSync(RECORDED, transcript);
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

const event = (name: string, more: object = {}) => ({
  session_id: "s-1",
  transcript_path: transcript,
  cwd: project,
  hook_event_name: name,
  ...more,
});
const stopped = (more: object = {}) =>
  event("Stop", { stop_hook_active: false, last_assistant_message: "All done, next: the docs.", ...more });
// No server listens at this address, and none of these hooks may use it.
const setUp = () => ({
  HOME: home,
  PHOTON_HOME: home,
  BRIDGE_WORKER_URL: "http://127.0.0.1:1",
  BRIDGE_API_KEY: "key",
  BRIDGE_MACHINE_ID: "mac",
  CLAUDE_PROJECT_DIR: project,
});
const run = (
  name: "stop" | "session-end",
  stdin: object | string | null | undefined,
  env: Record<string, string> = setUp(),
  node?: string,
) => runBuiltHook(hooks.path(name), { node, env, stdin });
/** Sessions with an unsettled handover. */
const open = () => openSessions(paths, Date.now());
const due = () => open().filter(({ isDue }) => isDue);
/** A git that runs this before it answers, first on PATH; and whether it was asked already. */
function slowGit(command: string) {
  const [folder, asked] = [join(home, "bin"), join(home, "git-was-asked")];
  mkdirSync(folder);
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  writeFileSync(join(folder, "git"), `#!/bin/sh\n: > '${asked}'\n${command}\nexec '${real}' "$@"\n`, { mode: 0o755 });
  return { env: { PATH: `${folder}:${process.env.PATH}` }, isAsked: () => existsSync(asked) };
}
const SILENT = { code: 0, signal: null, stdout: "", stderr: "" };

describe.each(nodeVersions())("the end of a turn and of a session under Node $version", ({ node }) => {
  it("saves a draft, and starts a process that outlives the hook and publishes it", async () => {
    expect(await run("stop", stopped(), setUp(), node)).toMatchObject(SILENT);
    const draft = readDraft(paths, "s-1");
    for (const part of [
      "> FIXTURE-USER-PROMPT: fix it please",
      "> All done, next: the docs.",
      "NEW.md` (created",
      "Branch `feature/crlf`",
    ]) {
      expect(draft?.text).toContain(part);
    }
    expect(open()).toMatchObject([{ session: "s-1", isDue: true, hasEnded: false, folder: project }]);
    expect(await flushed(home)).toBe("flush with the key");
  });

  it.each(["SessionEnd", "PreCompact", "StopFailure"])(
    "hands over what is new at %s, with the answer Stop was told",
    async (name) => {
      const draftOnly = { ...setUp(), PHOTON_HANDOVER: "draft" };
      await run("stop", stopped(), draftOnly, node);
      expect(due()).toEqual([]);
      expect(await run("session-end", event(name, { reason: "clear" }), setUp(), node)).toMatchObject(SILENT);
      expect(open()).toMatchObject([{ session: "s-1", isDue: true, hasEnded: name === "SessionEnd" }]);
      expect(readDraft(paths, "s-1")?.text).toContain("> All done, next: the docs.");
      expect(await flushed(home)).toBe("flush with the key");
    },
  );

  it("publishes at the end what is new since the last handover, and forgets a settled session", async () => {
    await run("stop", stopped(), setUp(), node);
    const { text = "" } = readDraft(paths, "s-1") ?? {};
    savePublication(paths, { session: "s-1", id: "id", at: Date.now(), text });
    await run("session-end", event("SessionEnd"), setUp(), node);
    expect(open()).toEqual([]);
    const more = { type: "user", message: { role: "user", content: "and the docs" } };
    appendFileSync(transcript, `\n${JSON.stringify(more)}\n`);
    expect(await run("session-end", event("SessionEnd"), setUp(), node)).toMatchObject(SILENT);
    expect(due()).toMatchObject([{ session: "s-1", hasEnded: true }]);
    expect(readDraft(paths, "s-1")?.text).toContain("- and the docs");
  });

  it.each([
    ["no stdin", undefined],
    ["an empty stdin", ""],
    ["garbage on stdin", "{nonsense"],
    ["a stdin that is never closed", null],
  ])("saves nothing with %s, and reports that in one line", async (_, stdin) => {
    for (const name of ["stop", "session-end"] as const) {
      expect(await run(name, stdin, setUp(), node)).toMatchObject({
        ...SILENT,
        stderr: "Photon: the client's input to the hook could not be read.\n",
      });
    }
    expect(listDrafts(paths)).toEqual([]);
  });

  it("reads a last answer of a megabyte", async () => {
    const answer = `${"word ".repeat(200_000)}end`;
    expect(await run("stop", stopped({ last_assistant_message: answer }), setUp(), node)).toMatchObject(SILENT);
    expect(readDraft(paths, "s-1")?.text).toContain("> word word");
  });

  it.skipIf(process.platform === "win32")("finishes saving the draft despite a signal", async () => {
    const { env, isAsked } = slowGit("sleep 0.3");
    const { code, signal, stdout, stderr } = await runBuiltHook(hooks.path("session-end"), {
      node,
      env: { ...setUp(), ...env },
      stdin: event("SessionEnd"),
      during: async (kill) => {
        await vi.waitFor(() => expect(isAsked()).toBe(true), { timeout: 5_000 });
        kill("SIGTERM");
      },
    });
    expect({ code, signal, stdout, stderr }).toEqual(SILENT);
    expect(due()).toHaveLength(1);
  });

  it.skipIf(process.platform === "win32")("saves a draft without git's facts, and says so, if git hangs", async () => {
    const { env } = slowGit("exec sleep 30");
    expect(await run("stop", stopped(), { ...setUp(), ...env }, node)).toMatchObject(SILENT);
    expect(readDraft(paths, "s-1")?.text).toContain("> FIXTURE-USER-PROMPT");
    expect(readDraft(paths, "s-1")?.text).toMatch(/## Git\n\nNot known: Git did not answer in time\.$/);
  });
});

describe("a turn's end", () => {
  it.each<[string, (path: string) => void]>([
    ["is being written", (path) => writeFileSync(path, readFileSync(path, "utf8").slice(0, -300))],
    ["has CRLF", (path) => writeFileSync(path, readFileSync(path, "utf8").replaceAll("\n", "\r\n"))],
    [
      "has junk behind it",
      (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0, 255, 10, 123])])),
    ],
  ])("saves the draft if the transcript %s", async (_, change) => {
    change(transcript);
    expect(await run("stop", stopped())).toMatchObject(SILENT);
    expect(readDraft(paths, "s-1")).toMatchObject({ prompts: 1, edits: 2 });
  });

  it.each([
    ["the transcript is missing", { transcript_path: "/nowhere/none.jsonl" }],
    ["the event names no transcript", { transcript_path: null }],
    ["it is a subagent's", { agent_id: "a1" }],
    ["the session's id is invalid", { session_id: "../../evil" }],
  ])("saves nothing, without an error, if %s", async (_, more) => {
    expect(await run("stop", stopped(more))).toMatchObject({ code: 0, stdout: "" });
    expect(listDrafts(paths)).toEqual([]);
    expect(due()).toEqual([]);
  });

  it("reads on where the last turn ended, and the session's end says the same as if it read everything", async () => {
    const all = readFileSync(transcript, "utf8");
    writeFileSync(transcript, all.slice(0, all.length / 2));
    await run("stop", stopped());
    writeFileSync(transcript, all);
    await run("session-end", event("SessionEnd"));
    const draft = readDraft(paths, "s-1");
    const read = join(paths.sessions, "s-1+read.json");
    expect(readFileSync(read, "utf8")).toContain(`"offset":${Buffer.byteLength(all)},`);
    rmSync(read);
    await run("session-end", event("SessionEnd"));
    expect(readDraft(paths, "s-1")?.text).toBe(draft?.text);
    expect(draft).toMatchObject({ prompts: 1, edits: 2 });
  });

  it("gives the same result if it runs again because another hook let Claude continue", async () => {
    await run("stop", stopped());
    expect(await run("stop", stopped({ stop_hook_active: true, last_assistant_message: "Now really." }))).toMatchObject(
      SILENT,
    );
    expect(readDraft(paths, "s-1")?.text).toContain("> Now really.");
    expect(due()).toHaveLength(1);
  });

  it("publishes nothing and starts no process on a machine that is not set up, but saves the draft", async () => {
    expect(await run("stop", stopped(), { HOME: home, PHOTON_HOME: home })).toMatchObject(SILENT);
    expect(listDrafts(paths)).toMatchObject([{ session: "s-1", project: "photon-demo" }]);
    expect(due()).toEqual([]);
    expect(await hasStartedFlush(home)).toBe(false);
  });

  it("leaves receipts to the session's end, which sends them under every handover policy", async () => {
    addReceipts(paths, {
      workerUrl: "http://127.0.0.1:1",
      reader: "mac",
      shown: ["5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11"],
    });
    const off = { ...setUp(), PHOTON_HANDOVER: "off" };
    expect(await run("stop", stopped(), off)).toMatchObject(SILENT);
    expect(await hasStartedFlush(home)).toBe(false);
    expect(await run("session-end", event("SessionEnd"), off)).toMatchObject(SILENT);
    await flushed(home);
  });

  it("does nothing under the policy off", async () => {
    expect(await run("stop", stopped(), { ...setUp(), PHOTON_HANDOVER: "off" })).toMatchObject(SILENT);
    expect(existsSync(paths.sessions)).toBe(false);
  });

  it("reports in one line that nothing could be saved, and still exits with 0", async () => {
    const blocked = join(home, "a file"); // not even root can create a folder below it
    writeFileSync(blocked, "");
    for (const name of ["stop", "session-end"] as const) {
      const { code, stdout, stderr } = await run(name, stopped(), { ...setUp(), PHOTON_HOME: blocked });
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
      expect(stderr).toMatch(/^Photon: .*(ENOTDIR|EEXIST).*\n$/);
    }
  });

  it("works in a folder that was deleted", async () => {
    rmSync(project, { recursive: true });
    expect(await run("stop", stopped())).toMatchObject(SILENT);
    expect(readDraft(paths, "s-1")?.text).toContain("## Git\n\nNot known: This folder does not exist any more.");
  });
});

describe("the bundles", () => {
  it.each(["stop", "session-end", "keep-draft"])("of %s contain no library", (name) => {
    const text = readFileSync(hooks.path(name), "utf8");
    expect(text).not.toContain("node_modules/.pnpm/");
    expect(text).toContain("// client/"); // where code comes from is there to be found
  });
});
