import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { WakeLedger } from "../../client/wake/wake-ledger.ts";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";
import { macEnv, ServerProcess, temporaryHome } from "../../test/support/server-process.ts";
import { ServerContext } from "../context.ts";
import { Channel } from "../wake/channel.ts";
import { Waker } from "../wake/waker.ts";
import { MailWatch } from "../watch/mail-watch.ts";
import { promptHook } from "./prompt-hook.ts";

const mac = macWithBridge({ opensSockets: true });
const paths = () => photonPaths({ PHOTON_HOME: mac.home });

let count = 0;
let session: string;
beforeEach(async () => {
  session = `prompt-session-${++count}`;
  await mac.call("prompt_hook", { session_id: "opens-the-socket", prompt: "" });
  await vi.waitFor(() => expect(mac.bridge.openSockets).toBe(1), { timeout: 5_000 });
  await unreadIs();
  await prompt();
});

/** The hook's answer for a prompt, as the client parses it. */
async function prompt(text = "go on", session_id = session): Promise<unknown> {
  const answer = await mac.call("prompt_hook", { session_id, prompt: text, cwd: "/anywhere" });
  expect(answer.isError).toBe(false);
  return JSON.parse(answer.text);
}

const at = (minute: number) => `2026-11-23T09:${String(minute).padStart(2, "0")}:00.000Z`;

/** Tasks of these minutes are unread, and the server of the session has heard so. */
async function unreadIs(...minutes: number[]) {
  mac.bridge.messages = [];
  for (const minute of minutes) mac.bridge.receive({ kind: "task", timestamp: at(minute) });
  mac.bridge.signal();
  await mac.bridge.heard();
}

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

  it("announces new mail once per session, and again if more arrives", async () => {
    await unreadIs(5);
    expect(await prompt()).toEqual(TOLD);
    expect(await prompt()).toEqual({});
    await unreadIs(5, 7);
    expect(await prompt()).toEqual(TOLD);
    expect(await prompt()).toEqual({});
    expect(await prompt("hi", "another-session")).toEqual(TOLD);
  });

  it("does not announce mail that the session has read itself", async () => {
    await prompt(); // the client is in this session now
    mac.bridge.receive({ kind: "task", timestamp: at(5) });
    await mac.call("check_messages");
    expect(await prompt()).toEqual({});
    mac.bridge.receive({ kind: "task", timestamp: at(7) });
    await mac.call("read_messages", { unread_only: true });
    await unreadIs(5, 7);
    expect(await prompt()).toEqual({});
    await unreadIs(5, 7, 8);
    expect(await prompt()).toEqual(TOLD);
  });

  it("still announces mail that a filtered read may have left out", async () => {
    await prompt();
    mac.bridge.receive({ kind: "task" });
    mac.bridge.receive({ kind: "note", from: "linux" });
    await mac.call("read_messages", { from_machine: "linux" });
    await mac.bridge.heard();
    expect(await prompt()).toMatchObject({ systemMessage: expect.stringContaining("task from pc/photon") });
  });

  it("tells the server its session, so that later messages name it, also after `/clear`", async () => {
    await prompt("hi", "after-clear");
    await mac.call("send_message", { content: "hi" });
    expect(mac.bridge.messages).toMatchObject([{ session: "after-clear" }]);
    await prompt("hi", "no session id\n");
    await mac.call("send_message", { content: "hi" });
    expect(mac.bridge.messages[0]).toMatchObject({ session: "after-clear" });
  });

  it("announces nothing in a turn that a notification started, but at the person's next prompt", async () => {
    await unreadIs(5);
    expect(await prompt("<task-notification><summary>x</summary></task-notification>")).toEqual({});
    expect(await prompt('\n<channel source="x">')).toEqual({});
    expect(await prompt("<channels> is a tag I need")).toEqual(TOLD);
  });

  it("does not wait for a bridge that hangs", async () => {
    await unreadIs(5);
    mac.bridge.behaviour = "hangs";
    let isChecked = false;
    const check = mac.call("check_messages").finally(() => {
      isChecked = true;
    });
    expect(await prompt()).toEqual(TOLD);
    expect(isChecked).toBe(false);
    await mac.bridge.stop(); // ends the calls that hang
    await check;
    await mac.bridge.restart();
  });

  it("announces nothing from an old summary without a socket, because that mail may have been read", async () => {
    const home = temporaryHome();
    let time = Date.now();
    const context = new ServerContext({
      env: macEnv(home.path, "http://127.0.0.1:1"),
      folder: home.path,
      now: () => time,
    });
    const watch = new MailWatch(context);
    const ledger = () => new WakeLedger(context.paths, "wakes");
    const hook = promptHook(watch, new Waker(context, { ledger: ledger(), channel: new Channel(ledger(), () => {}) }));
    const said = async () => JSON.parse((await hook.run({ session_id: session, prompt: "hi" }, context)).text);
    const latest = { id: "x", timestamp: at(5) };
    context.mail.learn({ unread: 1, handovers: 0, groups: [{ from: "pc/photon", kind: "task", unread: 1, latest }] });
    time += 10 * 60_000;
    expect(await said()).toEqual(TOLD);
    time += 1;
    expect(await said()).toEqual({});
    await watch.stop();
    home.remove();
  });

  it.each([
    ["no arguments", {}],
    ["arguments of the wrong type", { session_id: 7, prompt: ["x"] }],
    ["a session id that is a path", { session_id: "../../etc", prompt: "" }],
  ])("returns an empty result for %s", async (_, args) => {
    expect(await mac.call("prompt_hook", args)).toEqual({ isError: false, text: "{}" });
  });

  it("announces mail despite a failing disk, and repeats no reminder", async () => {
    await unreadIs(5);
    rmSync(paths().sessions, { recursive: true, force: true });
    writeFileSync(paths().sessions, "a file where the folder should be");
    expect(await prompt()).toEqual(TOLD);
    expect(await prompt()).toEqual({});
    rmSync(paths().sessions);
  });

  it("names no sender with an invalid address", async () => {
    mac.bridge.receive({ kind: "task", from: "pc. Obey:\u202e" });
    await mac.bridge.heard();
    expect(await prompt()).toMatchObject({ systemMessage: expect.stringContaining("a machine with an unusable name") });
    expect(JSON.stringify(await prompt("hi", "another"))).not.toContain("Obey");
  });

  it("returns an empty result on a machine that is not set up", async () => {
    const home = temporaryHome();
    const unset = await ServerProcess.start({ PHOTON_HOME: home.path });
    expect(await unset.call("prompt_hook", { session_id: "s", prompt: "hi" })).toEqual({ isError: false, text: "{}" });
    expect(existsSync(join(home.path, "sessions"))).toBe(false);
    await unset.stop();
    home.remove();
  });
});
