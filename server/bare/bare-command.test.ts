import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { readOutbox } from "../../client/mail/outbox-folder.ts";
import { saveDraft } from "../../handover/draft/draft-store.ts";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";
import { MOD_CALL } from "../../test/support/server-process.ts";

const mac = macWithBridge();
const [FIRST, SECOND] = ["5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11", "81b0c7e2-6a43-4c5e-9a55-2b1d0e6a7c11"];

interface Typed {
  readonly columns?: number;
  readonly isTyped?: boolean;
  readonly callId?: string;
}

const ask = (command: string, args: string, { columns, isTyped = true, callId = MOD_CALL }: Typed = {}) =>
  mac.server.call("check_messages", { display: JSON.stringify({ command, args, columns, isTyped }) }, callId);

/** Runs a bare command as the mod does. */
async function bare(command: string, args = "", typed: Typed = {}): Promise<{ text: string; exitCode: number }> {
  return JSON.parse((await ask(command, args, typed)).text);
}

beforeEach(() => mac.server.client.ping());

// Before the server first asks the bridge by itself.
describe("a model that has nothing to see", () => {
  it.each(["idle", "busy"])(
    "cannot look in the mod's place, which would take the toast and the wake: %s",
    async (display) => {
      expect(await mac.server.call("check_messages", { display })).toMatchObject({ isError: true });
      const looked = await mac.server.call("check_messages", { display }, MOD_CALL);
      expect(JSON.parse(looked.text)).toEqual({ entry: "", toast: "", notify: "", wake: "" });
    },
  );
});

describe("/photon-handover --as-is", () => {
  /** A session that worked in a repository with one uncommitted file. */
  beforeEach(() => {
    const folder = join(mac.home, "work");
    mkdirSync(folder, { recursive: true });
    execFileSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
    writeFileSync(join(folder, "parser.ts"), "export {};\n");
    const counts = { prompts: 3, edits: 2, files: 1 };
    const about = { project: "photon", machine: "mac", branch: "main", policy: "auto" } as const;
    const draft = { session: "session-1", text: "# Goal\nFix it.", savedAt: Date.now(), folder };
    saveDraft(photonPaths({ PHOTON_HOME: mac.home }), { ...draft, ...about, ...counts });
    mac.bridge.acceptsCapsules = true;
  });

  it("says so if the bridge has the text without the capsule", async () => {
    mac.bridge.acceptsCapsules = false;
    const { text, exitCode } = await bare("photon-handover", "pc --as-is");
    expect({ text, exitCode }).toMatchObject({ exitCode: 1, text: expect.stringContaining("Only the text of the") });
  });

  it("hands over for a person with a screen of theirs, as written by them if they typed it", async () => {
    const { text, exitCode } = await bare("photon-handover", "pc --as-is");
    expect({ text, exitCode }).toMatchObject({ exitCode: 0, text: expect.stringContaining("Handed over to pc;") });
    expect(text).not.toMatch(/<<|Tell the person|hand_over/);
    expect(mac.bridge.messages).toMatchObject([{ kind: "handover", to: "pc" }]);
    await mac.bridge.stop();
    for (const isTyped of [true, false]) {
      const queued = await bare("photon-handover", "--as-is pc", { isTyped });
      expect(queued).toMatchObject({ exitCode: 0, text: expect.stringContaining("Not handed over yet") });
    }
    expect(readOutbox(photonPaths({ PHOTON_HOME: mac.home })).map(({ author }) => author)).toEqual(["person", "agent"]);
    await mac.bridge.restart();
  });

  it("is not for a model, and explains itself for two machines", async () => {
    expect(await ask("photon-handover", "pc --as-is", { callId: "toolu_1" })).toMatchObject({ isError: true });
    expect(await bare("photon-handover", "pc mini --as-is")).toMatchObject({ exitCode: 2 });
    expect(mac.bridge.messages).toEqual([]);
  });
});

describe("/photon-inbox", () => {
  it("lists the messages as `photon inbox` does, and names bare commands to go on with", async () => {
    mac.bridge.receive({ id: FIRST, content: "# Tests\n\nare green", kind: "task" });
    const { text, exitCode } = await bare("photon-inbox");
    expect(exitCode).toBe(0);
    expect(text.split("\n")).toEqual([
      "1 unread message for mac/photon:",
      "",
      expect.stringMatching(/^ {4}5f0f4b2c {2}task {2}pc\/photon {2}.* {2}\[unverified\] # Tests are green$/),
      "",
      "/photon-inbox 5f0f4b2c  reads a message",
      "/photon-inbox done all  marks all read",
    ]);
    expect(text).not.toMatch(/<<|send_message|mark_read/);
    expect(mac.bridge.messages).toMatchObject([{ read: false }]);
  });

  it("shows a message by the beginning of its id, how to answer it, and marks it read", async () => {
    mac.bridge.receive({
      id: FIRST,
      content: "safe\u001b[2K\u202eevil\rnote from boss",
      timestamp: "2026-11-23T10:00:00Z",
    });
    const { text } = await bare("photon-inbox", "5f0f");
    expect(text).toContain("note from pc/photon to mac/photon\n");
    expect(text).toContain('\nanswer: /photon-send pc/photon "…" --reply-to 5f0f4b2c\n');
    expect(text).toContain("\n\n    safeevil\n    note from boss");
    expect(text).not.toMatch(/(?![\n])[\p{Cc}\p{Default_Ignorable_Code_Point}]/u);
    await expect.poll(() => mac.bridge.messages[0]?.read).toBe(true);
  });

  it("reads on, page by page, and lists one machine's or all messages", async () => {
    for (let count = 0; count < 25; count++) mac.bridge.receive({});
    mac.bridge.receive({ from: "mini", read: true });
    const first = await bare("photon-inbox");
    expect(first.text).toMatch(/^25 unread messages for mac\/photon, 1 to 20, newest first:/);
    expect(first.text).toMatch(/^\/photon-inbox page 2 /m);
    expect((await bare("photon-inbox", "page 2")).text).toMatch(/^Unread messages for mac\/photon, 21 to 25/);
    expect((await bare("photon-inbox", "all mini")).text).toMatch(/^1 message for mac\/photon, 0 unread:/);
    expect((await bare("photon-inbox", "from mini")).text).toContain("No matching unread messages");
    for (const page of ["all", "all page 2"])
      expect((await bare("photon-inbox", page)).text, page).toMatch(
        /^Messages for mac\/photon, .*newest first, 25 unread:/,
      );
    expect(await bare("photon-inbox", "more")).toMatchObject({ text: expect.stringContaining("page 2"), exitCode: 2 });
  });

  it("takes hexadecimal letters for an id, unless a machine has this name", async () => {
    mac.bridge.receive({ from: "cafe", content: "from the machine cafe" });
    mac.bridge.receive({ id: "abcdef00-6a43-4c5e-9a55-2b1d0e6a7c11", content: "by its id" });
    expect((await bare("photon-inbox", "cafe")).text).toMatch(/^1 unread message [\s\S]*from the machine cafe/);
    expect((await bare("photon-inbox", "abcdef")).text).toContain("by its id");
    expect(await bare("photon-inbox", "deadbeef")).toMatchObject({
      text: expect.stringContaining("No message has an id that begins with deadbeef."),
      exitCode: 1,
    });
  });

  it("finishes some messages, or all", async () => {
    mac.bridge.receive({ id: FIRST });
    mac.bridge.receive({ id: SECOND, kind: "task" });
    mac.bridge.receive({});
    expect((await bare("photon-inbox", "done 81b0")).text).toBe("1 message marked read.");
    expect(mac.bridge.messages.map(({ read }) => read)).toEqual([false, true, false]);
    expect((await bare("photon-inbox", "done all")).text).toBe("2 messages marked read: 2 notes.");
    expect(mac.bridge.messages.every(({ read }) => read)).toBe(true);
  });

  it.each(["done", "done everything", "one two", "page x", "5f0f pc"])("explains itself for %s", async (args) => {
    expect(await bare("photon-inbox", args)).toMatchObject({ text: expect.stringContaining("Usage:"), exitCode: 2 });
  });

  it("wraps at the width of the terminal, and at 80 columns if it is unknown", async () => {
    mac.bridge.receive({ id: FIRST, content: "word ".repeat(60) });
    const widthOf = async (columns?: number) =>
      Math.max(
        ...(await bare("photon-inbox", "5f0f", columns === undefined ? {} : { columns })).text
          .split("\n")
          .filter((line) => !line.startsWith("answer:")) // a command stays whole
          .map((line) => line.length),
      );
    expect(await widthOf(50)).toBeLessThanOrEqual(50);
    expect(await widthOf()).toBeGreaterThan(60);
    expect(await widthOf()).toBeLessThanOrEqual(80);
  });

  it("says what went wrong, and what to do", async () => {
    await mac.bridge.stop();
    expect(await bare("photon-inbox")).toEqual({
      text: expect.stringMatching(/cannot be reached[\s\S]*photon doctor/),
      exitCode: 1,
    });
  });
});

describe("/photon-send", () => {
  it("sends what was typed, and answers by the beginning of an id", async () => {
    mac.bridge.receive({ id: FIRST });
    const { text, exitCode } = await bare("photon-send", 'pc "it is done" --reply-to 5f0f4b2c --tag ci');
    const [stored] = mac.bridge.messages;
    expect(stored).toMatchObject({ to: "pc", content: "it is done", kind: "reply", replyTo: FIRST, tags: ["ci"] });
    expect({ text, exitCode }).toEqual({
      text: expect.stringMatching(`^Stored on the bridge for pc \\(id ${stored?.id.slice(0, 8)}\\)\\.\npc: stored`),
      exitCode: 0,
    });
  });

  it("explains itself if something is missing or not possible", async () => {
    for (const args of ["", "pc", 'pc "x" --kind nonsense', 'pc "x" --kind handover', 'a/b/c "x"']) {
      expect(await bare("photon-send", args)).toMatchObject({ exitCode: 2 });
    }
    expect(mac.bridge.messages).toEqual([]);
  });
});

describe("/photon-status", () => {
  it("shows what `photon status` shows", async () => {
    mac.bridge.receive({ kind: "task" });
    const { text } = await bare("photon-status");
    expect(text).toMatch(/^mac\/photon {2}\(named by the environment.*\n+ {4}bridge/s);
    expect(text).toMatch(/^ {4}bridge {3}http:\S+ answers$/m);
    expect(text).toMatch(
      /^ {4}unread {3}1\n {15}1 task from pc\/photon, newest .*\n {15}`\/photon-inbox` lists them\.$/m,
    );
    expect(text).not.toMatch(/read_messages|offer it to the person/);
  });

  it("shows as code what was sent, so that a link in it cannot hide its address", async () => {
    await mac.server.call("send_message", { to: "pc", content: "[click](https://evil.invalid) **done**" });
    const lines = (await bare("photon-status")).text.split("\n");
    expect(lines.join("\n")).toContain("[click](https://evil.invalid)");
    const after = lines.slice(lines.indexOf("") + 1); // the heading
    expect(after.filter((line) => !line.startsWith("    "))).toEqual([]);
    expect(after.join("\n")).toContain("[click]");
  });
});

describe("a model", () => {
  it.each([
    ["with an id of its own", "toolu_01TmqTTdXrPaUyY53F6pVDrL"],
    ["as an agent that a plugin started", "toolu_plugin_agent_0f2be65a067b4dad"],
    ["without an id", ""],
  ])("cannot use the mod's commands %s", async (_, callId) => {
    mac.bridge.receive({ id: FIRST, content: "a task" });
    for (const [command, args] of [
      ["photon-send", 'pc "as a person"'],
      ["photon-inbox", "done all"],
    ] as const) {
      expect(await ask(command, args, { callId })).toEqual({
        text: expect.stringContaining("Leave it out"),
        isError: true,
      });
    }
    expect(mac.bridge.messages).toMatchObject([{ id: FIRST, read: false }]);
  });
});

describe("a list in the client", () => {
  it("tells the sender that a message was shown, if the list had its whole text", async () => {
    const long = "words ".repeat(40);
    const id = (first: string) => `${first}4b2c-6a43-4c5e-9a55-2b1d0e6a7c11`;
    for (const [first, more] of [
      ["aaaa", { content: "tests\nare green" }],
      ["bbbb", { content: long }],
      ["cccc", { content: "from here", from: "mac/photon", to: null }],
    ] as const)
      mac.bridge.receive({ id: id(first), ...more });
    await bare("photon-inbox");
    await expect.poll(() => mac.bridge.shown).toEqual([id("aaaa")]);
    await bare("photon-inbox", "bbbb");
    await expect.poll(() => mac.bridge.shown.toSorted()).toEqual([id("aaaa"), id("bbbb")]);
  });
});
