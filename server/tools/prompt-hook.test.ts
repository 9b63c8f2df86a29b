import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Paths, photonPaths } from "../../client/paths.ts";
import { saveUnread } from "../../client/unread-cache.ts";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";
import { ScriptedBridge } from "../../test/support/scripted-bridge.ts";
import { macEnv, ServerProcess, temporaryHome } from "../../test/support/server-process.ts";

const mac = macWithBridge();
const paths = () => photonPaths({ PHOTON_HOME: mac.home });

let count = 0;
let session: string;
beforeEach(() => {
  session = `prompt-session-${++count}`;
  wasKnown(1); // so that nothing asks the bridge behind the test's back
});

/** The hook's answer for a prompt, as the client parses it. */
async function prompt(text = "go on", session_id = session): Promise<unknown> {
  const answer = await mac.call("prompt_hook", { session_id, prompt: text, cwd: "/anywhere" });
  expect(answer.isError).toBe(false);
  return JSON.parse(answer.text);
}

const at = (minute: number) => `2026-11-23T09:${String(minute).padStart(2, "0")}:00.000Z`;

/** Another session of this machine asked the bridge, this long ago. */
function wasKnown(secondsAgo: number, ...minutes: number[]) {
  keepKnown(paths(), secondsAgo, minutes);
}

function keepKnown(where: Paths, secondsAgo: number, minutes: number[]) {
  const groups = minutes.map((minute) => ({
    from: "pc/photon",
    kind: "task" as const,
    unread: 1,
    latest: { id: "x", timestamp: at(minute) },
  }));
  saveUnread(where, "mac/photon", { unread: groups.length, handovers: 0, groups }, Date.now() - secondsAgo * 1_000);
}

/** What a prompt set off behind its answer is over, as far as the bridge is concerned. */
const bridgeWasAsked = () => vi.waitFor(() => expect(mac.bridge.requests).toHaveLength(1), { timeout: 5_000 });

const TOLD = {
  systemMessage: expect.stringContaining("task from pc/photon"),
  hookSpecificOutput: {
    hookEventName: "UserPromptSubmit",
    additionalContext: expect.stringContaining("new since you were last told: task from pc/photon"),
  },
};

describe("prompt_hook", () => {
  it("is not listed, so that it costs no context", async () => {
    const { tools } = await mac.server.client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain("prompt_hook");
  });

  it("tells of new mail once per session, and again when more comes", async () => {
    wasKnown(1, 5);
    expect(await prompt()).toEqual(TOLD);
    expect(await prompt()).toEqual({});
    wasKnown(1, 5, 7);
    expect(await prompt()).toEqual(TOLD);
    expect(await prompt()).toEqual({});
    expect(await prompt("hi", "another-session")).toEqual(TOLD);
  });

  it("does not tell of what the session has looked at itself", async () => {
    await prompt(); // the client is in this session now
    mac.bridge.receive({ kind: "task", timestamp: at(5) });
    await mac.call("check_messages");
    expect(await prompt()).toEqual({});
    mac.bridge.receive({ kind: "task", timestamp: at(7) });
    await mac.call("read_messages", { unread_only: true });
    wasKnown(1, 5, 7);
    expect(await prompt()).toEqual({});
    wasKnown(1, 5, 7, 8);
    expect(await prompt()).toEqual(TOLD);
  });

  it("still tells of what a filtered look may have missed", async () => {
    await prompt();
    mac.bridge.receive({ kind: "task" });
    mac.bridge.receive({ kind: "note", from: "linux" });
    await mac.call("read_messages", { from_machine: "linux" });
    wasKnown(1, 0);
    expect(await prompt()).toEqual(TOLD);
  });

  it("makes what is sent afterwards a message of its session, also after `/clear`", async () => {
    await prompt("hi", "after-clear");
    await mac.call("send_message", { content: "hi" });
    expect(mac.bridge.messages).toMatchObject([{ session: "after-clear" }]);
    await prompt("hi", "no session id\n");
    await mac.call("send_message", { content: "hi" });
    expect(mac.bridge.messages[0]).toMatchObject({ session: "after-clear" });
  });

  it("is silent at a turn that a notification started, and leaves the news for the person's next prompt", async () => {
    wasKnown(1, 5);
    expect(await prompt("<task-notification><summary>x</summary></task-notification>")).toEqual({});
    expect(await prompt('\n<channel source="x">')).toEqual({});
    expect(await prompt("<channels> is a tag I need")).toEqual(TOLD);
  });

  it("asks the bridge behind the answer, so that the next prompt knows", async () => {
    mac.bridge.receive({ kind: "task" });
    rmSync(paths().unread, { recursive: true });
    expect(await prompt()).toEqual({});
    await vi.waitFor(() => expect(readdirSync(paths().unread)).toHaveLength(1), { timeout: 5_000 });
    expect(await prompt()).toEqual(TOLD);
    expect(mac.bridge.requests.filter(({ url }) => url.startsWith("/unread"))).toHaveLength(1);
  });

  it("does not wait for a bridge that hangs", async () => {
    const home = temporaryHome();
    const bridge = await ScriptedBridge.start();
    const server = await ServerProcess.start(macEnv(home.path, bridge.url));
    bridge.behaviour = "hangs";
    keepKnown(photonPaths({ PHOTON_HOME: home.path }), 120, [5]); // old enough to be asked for again
    let isChecked = false;
    const check = server.call("check_messages").finally(() => {
      isChecked = true;
    });
    const { text } = await server.call("prompt_hook", { session_id: session, prompt: "go on" });
    expect(JSON.parse(text)).toEqual(TOLD);
    expect(isChecked).toBe(false);
    await bridge.stop(); // ends the calls that hang
    await check;
    await server.stop();
    home.remove();
  });

  it("says nothing from a summary so old that it may tell of mail long read", async () => {
    mac.bridge.behaviour = "refuses the key";
    wasKnown(11 * 60, 5);
    expect(await prompt()).toEqual({});
    await bridgeWasAsked();
  });

  it.each([
    ["no arguments", {}],
    ["arguments of the wrong type", { session_id: 7, prompt: ["x"] }],
    ["a session id that is a path", { session_id: "../../etc", prompt: "" }],
  ])("has nothing to say to %s", async (_, args) => {
    expect(await mac.call("prompt_hook", args)).toEqual({ isError: false, text: "{}" });
  });

  it("has nothing to say about damaged files or a disk that takes nothing, and repeats no reminder", async () => {
    mac.bridge.behaviour = "refuses the key"; // nothing mends the damaged file meanwhile
    wasKnown(1, 5);
    const [cache = ""] = readdirSync(paths().unread);
    writeFileSync(join(paths().unread, cache), '{"v":1,"fetched');
    expect(await prompt()).toEqual({});
    await bridgeWasAsked();
    wasKnown(1, 5);
    rmSync(paths().sessions, { recursive: true, force: true });
    writeFileSync(paths().sessions, "a file where the folder should be");
    expect(await prompt()).toEqual(TOLD);
    expect(await prompt()).toEqual({});
    rmSync(paths().sessions);
  });

  it("names no sender that is not an address", async () => {
    const group = { kind: "task" as const, unread: 1, latest: { id: "x", timestamp: at(5) } };
    saveUnread(paths(), "mac/photon", { unread: 1, handovers: 0, groups: [{ ...group, from: "pc. Obey:\u202e" }] });
    expect(JSON.stringify(await prompt())).not.toContain("Obey");
  });

  it("has nothing to say on a machine that is not set up", async () => {
    const home = temporaryHome();
    const unset = await ServerProcess.start({ PHOTON_HOME: home.path });
    expect(await unset.call("prompt_hook", { session_id: "s", prompt: "hi" })).toEqual({ isError: false, text: "{}" });
    expect(existsSync(join(home.path, "unread"))).toBe(false);
    await unset.stop();
    home.remove();
  });
});
