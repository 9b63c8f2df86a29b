import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { saveMachines } from "../client/machines/machines-cache.ts";
import { enqueue, failEntry, readOutbox } from "../client/mail/outbox-folder.ts";
import { addReceipts } from "../client/mail/receipts.ts";
import { noteReminder } from "../client/sessions/reminder.ts";
import { lastHookRun, noteKilled, readSession } from "../client/sessions/session-state.ts";
import { readInstallation } from "../client/settings/installation.ts";
import { noteOpen } from "../handover/draft/open-sessions.ts";
import { type BridgeStandIn, startBridge } from "../test/support/hooks/bridge-stand-in.ts";
import {
  type BuiltHooks,
  buildHooks,
  flushed,
  hasStartedFlush,
  nodeVersions,
  runBuiltHook,
} from "../test/support/hooks/built-hooks.ts";

let hooks: BuiltHooks;
beforeAll(async () => {
  hooks = await buildHooks({ "session-start": "hooks/session-start.ts" });
});
afterAll(() => hooks.remove());

let home: string;
let paths: Paths;
let bridge: BridgeStandIn;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "photon home "));
  paths = photonPaths({ PHOTON_HOME: home });
  bridge = await startBridge({ status: 200, body: summary(1) });
});
afterEach(async () => {
  await bridge.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

const at = (minute: number) => `2026-11-23T09:${String(minute).padStart(2, "0")}:00.000Z`;
const summary = (unread: number, minute = 5) =>
  JSON.stringify({
    unread,
    handovers: 0,
    groups:
      unread === 0
        ? []
        : [{ from: "pc/photon", kind: "task", unread, latest: { id: randomUUID(), timestamp: at(minute) } }],
  });
const event = (source = "startup", session = "s-1") => ({
  session_id: session,
  transcript_path: join(home, "none.jsonl"),
  cwd: home,
  hook_event_name: "SessionStart",
  source,
});
const setUp = () => ({
  HOME: home,
  PHOTON_HOME: home,
  BRIDGE_WORKER_URL: bridge.url,
  BRIDGE_API_KEY: "key",
  BRIDGE_MACHINE_ID: "mac",
  CLAUDE_PROJECT_DIR: home,
  BRIDGE_PROJECT: "photon",
});
const queue = (count: number) => {
  for (let each = 0; each < count; each++)
    enqueue(paths, { id: randomUUID(), from: "mac", content: "hi" }, { workerUrl: null, mustEncrypt: false });
};
const start = (stdin: object | string | null | undefined = event(), env: Record<string, string> = setUp()) =>
  runBuiltHook(hooks.path("session-start"), { env, stdin });
const ANNOUNCED = {
  systemMessage: expect.stringContaining("1 task from pc/photon"),
  hookSpecificOutput: {
    hookEventName: "SessionStart",
    additionalContext: expect.stringContaining("1 unread message"),
  },
};

describe.each(nodeVersions())("SessionStart under Node $version", ({ node }) => {
  const run = (stdin: object | string | null | undefined, env: Record<string, string> = setUp()) =>
    runBuiltHook(hooks.path("session-start"), { node, env, stdin });

  it("tells Claude and the person about unread mail, and remembers it", async () => {
    const { code, stderr, output } = await run(event());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(output).toEqual(ANNOUNCED);
    expect(bridge.requests[0]?.url).toBe("/unread?reader=mac%2Fphoton");
    expect(bridge.requests[0]?.headers.authorization).toBe("Bearer key");
    expect(readSession(paths, "s-1").told?.upTo).toBe(at(5));
    expect(readSession(paths, "s-1").unread).toBe(1);
    expect(lastHookRun(paths)).toBeGreaterThan(Date.now() - 60_000);
  });

  it.each([
    ["no stdin", undefined],
    ["an empty stdin", ""],
    ["garbage on stdin", "{nonsense"],
    ["an array on stdin", "[1,2]"],
    ["a stdin that is never closed", null],
  ])("announces mail even with %s, and reports that in one line", async (_, stdin) => {
    const { code, stderr, output } = await run(stdin);
    expect(code).toBe(0);
    expect(output).toEqual(ANNOUNCED);
    expect(stderr).toBe("Photon: the client's input to the hook could not be read.\n");
  });

  it("reads an event of a megabyte, with a byte order mark", async () => {
    const { code, stderr } = await run(`\uFEFF${JSON.stringify({ ...event(), more: "x".repeat(1024 * 1024) })}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(readSession(paths, "s-1").told?.upTo).toBe(at(5));
  });

  it.each([
    ["never answers", "hangs"],
    ["begins an answer and never ends it", "drips"],
    ["closes the connection", "closes"],
  ] as const)("says in one line that a bridge that %s cannot be reached, and what is queued", async (_, behaviour) => {
    bridge.behaviour = behaviour;
    queue(2);
    const { code, stderr, output } = await run(event());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(output).toEqual({
      systemMessage: "Photon: the bridge cannot be reached; 2 messages wait on this machine.",
    });
  });

  it.each([
    [
      "refuses the key",
      401,
      '{"error":"No.","code":"unauthorized"}',
      /does not accept this machine's key.*`photon doctor`/,
    ],
    ["fails", 500, '{"error":"Oh.","code":"internal"}', /no usable answer.*`photon doctor`/],
    ["is a web page", 200, "<h1>Hello</h1>", /something else answered.*sign-in/],
    ["answers with other JSON", 200, '{"hello":1}', /something else answered/],
    ["is a block page", 403, "<h1>Blocked</h1>", /something else answered/],
    ["is somebody else's refusal", 401, '{"error":"Who are you?"}', /something else answered/],
    ["answers without end", 200, `"${"x".repeat(1024 * 1024)}"`, /cannot be reached/],
  ])("says in one line what to do if the bridge %s", async (_, status, body, line) => {
    bridge.behaviour = { status, body };
    const { code, stderr, output } = await run(event());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(output).toEqual({ systemMessage: expect.stringMatching(line) });
  });

  it("delivers queued messages in a process that outlives it", async () => {
    queue(1);
    await run(event());
    expect(await flushed(home)).toBe("flush with the key");
  });

  it("ends quietly on a signal while it waits", async () => {
    bridge.behaviour = "hangs";
    const { code, signal, stdout, stderr } = await runBuiltHook(hooks.path("session-start"), {
      node,
      env: setUp(),
      stdin: event(),
      during: async (kill) => {
        await vi.waitFor(() => expect(bridge.requests).toHaveLength(1), { timeout: 5_000 });
        kill("SIGTERM");
      },
    });
    expect({ code, signal, stdout, stderr }).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
  });
});

describe("what this machine left for the others", () => {
  it("is not announced, except the handover of a session that was killed", async () => {
    const latest = (minute: number) => ({ id: randomUUID(), timestamp: at(minute) });
    const left = { from: "mac/photon", unread: 1, broadcast: true };
    const groups = [
      { ...left, kind: "note", latest: latest(1) },
      { ...left, kind: "handover", session: "ended", latest: latest(2) },
    ];
    bridge.behaviour = { status: 200, body: JSON.stringify({ unread: 2, handovers: 1, groups }) };
    expect((await start()).output).toBeNull();
    noteKilled(paths, "ended");
    expect((await start(event("startup", "s-2"))).output).toMatchObject({
      systemMessage: expect.stringMatching(/^Photon: 1 unread: 1 handover from mac\/photon/),
    });
  });
});

describe("a session that continues", () => {
  it("is not told about the same mail again, whether resumed or compacted", async () => {
    await start();
    expect((await start(event("compact"))).output).toBeNull();
    expect((await start(event("resume"))).output).toBeNull();
  });

  it("is told about new mail", async () => {
    await start();
    bridge.behaviour = { status: 200, body: summary(2, 9) };
    expect((await start(event("resume"))).output).toMatchObject({
      hookSpecificOutput: { additionalContext: expect.stringContaining("2 unread in all") },
    });
    expect(readSession(paths, "s-1").told?.upTo).toBe(at(9));
  });

  it("is a new session after /clear, and told again", async () => {
    await start();
    expect((await start(event("clear", "s-2"))).output).toEqual(ANNOUNCED);
  });

  it("is not warned about an unreachable bridge at a compaction", async () => {
    bridge.behaviour = "closes";
    expect((await start(event("compact"))).output).toBeNull();
  });
});

describe("a session without unread mail", () => {
  it("gets no output and starts no process", async () => {
    bridge.behaviour = { status: 200, body: summary(0) };
    expect(await start()).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await hasStartedFlush(home)).toBe(false);
  });
});

describe("besides mail, SessionStart", () => {
  const quiet = () => {
    bridge.behaviour = { status: 200, body: summary(0) };
  };

  it("tells the person once about a message that the bridge refused permanently", async () => {
    quiet();
    queue(1);
    const [entry] = readOutbox(paths);
    if (entry) failEntry(entry, "It is too large.");
    expect((await start()).output).toEqual({
      systemMessage: "Photon: a message to everyone could not be delivered: It is too large. See `photon failed`.",
    });
    expect((await start(event("startup", "s-2"))).output).toBeNull();
  });

  it("tells the person once a day that another computer uses the same machine name", async () => {
    quiet();
    const own = readInstallation(paths, Date.now() - 60_000);
    const seenAt = new Date().toISOString();
    const installations = [own?.id ?? "", "0000000f"].map((id) => ({ id, seenAt }));
    saveMachines(paths, [{ machine: "MAC", seenAt, installations }]);
    expect((await start()).output).toEqual({ systemMessage: expect.stringContaining('also named "mac"') });
    expect((await start(event("startup", "s-2"))).output).toBeNull();
  });

  it("first sends what was marked read while the bridge was away, so that it is not counted", async () => {
    const id = randomUUID();
    addReceipts(paths, { workerUrl: bridge.url, reader: "mac", read: [id] });
    bridge.behaviour = {
      status: 200,
      body: JSON.stringify({
        unread: 2,
        handovers: 0,
        groups: [{ from: "pc/photon", kind: "task", unread: 2, latest: { id, timestamp: at(5) } }],
      }),
    };
    expect((await start()).output).toEqual(ANNOUNCED);
    const [first, second] = bridge.requests;
    expect([first?.method, first?.url, second?.url]).toEqual(["POST", "/messages/read", "/unread?reader=mac%2Fphoton"]);
    expect(readSession(paths, "s-1").unread).toBe(1);
    await flushed(home);
  });

  it("starts a process that sends pending receipts", async () => {
    addReceipts(paths, { workerUrl: bridge.url, reader: "mac", shown: [randomUUID()] });
    await start();
    await flushed(home);
  });
});

describe("a bridge that cannot be reached", () => {
  it("is reported without a count if nothing is queued", async () => {
    const env = { ...setUp(), BRIDGE_WORKER_URL: "http://127.0.0.1:1" };
    expect((await start(event(), env)).output).toEqual({ systemMessage: "Photon: the bridge cannot be reached." });
    expect(lastHookRun(paths)).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe("a machine with a hundred sessions of the last weeks", () => {
  it("reads only the files of sessions with an unsettled handover", async () => {
    mkdirSync(paths.sessions);
    // A file that is read and cannot be understood is set aside: what keeps its name was not read.
    const old = Array.from({ length: 100 }, (_, i) => `old-${i}.json`);
    for (const name of old) writeFileSync(join(paths.sessions, name), "{");
    const unsettled = { session: "open-1", pid: 0, transcriptPath: "", folder: home, seenAt: Date.now() };
    noteOpen(paths, { ...unsettled, isDue: false, hasEnded: false });
    expect((await start()).code).toBe(0);
    const names = readdirSync(paths.sessions);
    expect(names.filter((name) => name.startsWith("old-")).sort()).toEqual(old.sort());
    expect(names).toContain("s-1+open.json");
    await flushed(home); // what the killed one left
  });
});

describe("a machine that is not set up", () => {
  const bare = () => ({ HOME: home, PHOTON_HOME: join(home, "not yet there"), CLAUDE_PROJECT_DIR: home });
  const hint = { systemMessage: expect.stringMatching(/^Photon is not set up .*\/photon:setup/) };

  it("is reported once, and again after a month", async () => {
    expect((await start(event(), bare())).output).toEqual(hint);
    expect((await start(event("startup", "s-2"), bare())).output).toBeNull();
    noteReminder(photonPaths(bare()), "set-up", Date.now() - 31 * 24 * 60 * 60 * 1000);
    expect((await start(event("startup", "s-3"), bare())).output).toEqual(hint);
  });

  it("is told at every start which setting is missing or wrong, if the set-up is incomplete", async () => {
    const half = { ...bare(), BRIDGE_WORKER_URL: bridge.url };
    const wrong = { ...setUp(), BRIDGE_MACHINE_ID: "my mac" };
    for (let times = 0; times < 2; times++) {
      expect((await start(event(), half)).output).toEqual({ systemMessage: expect.stringContaining("the key") });
      expect((await start(event(), wrong)).output).toEqual({
        systemMessage: expect.stringContaining("machine name from the environment"),
      });
    }
    expect(bridge.requests).toHaveLength(0);
  });
});

describe("a home that is not writable", () => {
  // Not even root can create a folder below a file.
  const blocked = () => join(home, "a file");
  beforeEach(() => writeFileSync(blocked(), ""));

  it("does not prevent the announcement, and is reported in one line", async () => {
    const { code, output, stderr } = await start(event(), { ...setUp(), PHOTON_HOME: blocked() });
    expect(code).toBe(0);
    expect(output).toEqual(ANNOUNCED);
    expect(stderr).toMatch(/^Photon: this session could not be recorded: .+\n$/);
  });

  it("does not prevent the set-up hint", async () => {
    const { code, output, stderr } = await start(event(), { HOME: home, PHOTON_HOME: blocked() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(output).toEqual({ systemMessage: expect.stringMatching(/^Photon is not set up .*\/photon:setup/) });
  });
});
