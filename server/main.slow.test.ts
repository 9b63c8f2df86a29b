import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptedBridge } from "../test/support/scripted-bridge.ts";
import { builtServer, macEnv, ServerProcess, temporaryHome } from "../test/support/server-process.ts";

const BUNDLE = fileURLToPath(new URL("../dist/server.mjs", import.meta.url));

/** A call to a bridge that hangs ends by itself after ten seconds; a server that waits for it fails the test. */
const CALL_MS = 10_000;

let home: ReturnType<typeof temporaryHome>;
let bridge: ScriptedBridge;
const started: ChildProcess[] = [];

beforeEach(async () => {
  home = temporaryHome();
  bridge = await ScriptedBridge.start();
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  await bridge.stop();
  home.remove();
});

/** The server without the SDK's client, for what a well-behaved client does not do. */
function spawnServer(env: Record<string, string> = macEnv(home.path, bridge.url)) {
  const child = spawn(process.execPath, [builtServer()], {
    env: { PATH: process.env.PATH ?? "", HOME: home.path, TMPDIR: tmpdir(), LANG: "C.UTF-8", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  started.push(child);
  child.stdin.on("error", () => {}); // one that is killed resets what it has not read
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (chunk) => said.push(chunk));
  return {
    child,
    exited: once(child, "exit"),
    send: (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`),
    next: async (): Promise<Record<string, unknown>> => JSON.parse((await lines.next()).value ?? "null"),
    stderr: () => said.join(""),
  };
}

const initialize = (id = 0) => ({
  jsonrpc: "2.0",
  id,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});
const callTool = (id: number, name: string, args: Record<string, unknown> = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

describe("the server's process", () => {
  it("answers initialize and lists its tools while its home is no folder and the bridge hangs", async () => {
    bridge.behaviour = "hangs";
    const file = join(home.path, "not a folder");
    writeFileSync(file, "");
    const { send, next } = spawnServer(macEnv(join(file, "home"), bridge.url));
    send(initialize());
    expect(await next()).toMatchObject({
      id: 0,
      result: { serverInfo: { name: "photon" }, protocolVersion: "2025-11-25" },
    });
    send({ jsonrpc: "2.0", method: "notifications/initialized" });
    send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    expect(await next()).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
    send(callTool(2, "prompt_hook", { session_id: "s", prompt: "hi" }));
    expect(await next()).toMatchObject({ id: 2, result: { content: [{ type: "text", text: "{}" }] } });
  });

  it("refuses the discovery of the newer protocol, so that the client falls back to the supported one", async () => {
    const { send, next } = spawnServer();
    send({ jsonrpc: "2.0", id: "d", method: "server/discover", params: {} });
    expect(await next()).toMatchObject({ id: "d", error: { code: -32601 } });
    send(initialize());
    expect(await next()).toMatchObject({ id: 0, result: { capabilities: { tools: {} } } });
  });

  it("survives lines that are not messages, and quotes none of them", async () => {
    const { child, send, next, stderr } = spawnServer();
    child.stdin.write("this is not JSON\n\n{}\n[1]\n");
    send(initialize());
    expect(await next()).toMatchObject({ id: 0, result: {} });
    expect(stderr()).not.toContain("not JSON");
  });

  it.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM"] as const)(
    "ends at %s even while a call hangs (Windows has no signals)",
    async (signal) => {
      bridge.behaviour = "hangs";
      const { child, send, next, exited } = spawnServer();
      send(initialize());
      await next();
      send(callTool(1, "check_messages"));
      await requestArrived();
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
    },
  );

  it("finishes open answers and ends when its stdin closes", async () => {
    const { child, send, next, exited } = spawnServer();
    send(initialize());
    send(callTool(1, "check_messages"));
    child.stdin.end();
    expect(await next()).toMatchObject({ id: 0 });
    expect(await next()).toMatchObject({
      id: 1,
      result: { content: [{ text: expect.stringContaining("Nothing unread") }] },
    });
    expect(await exited).toEqual([0, null]);
  });

  it("ends when its stdin closes even while a call hangs, and has kept what was to be sent", async () => {
    bridge.behaviour = "hangs";
    const { child, send, next, exited } = spawnServer();
    send(initialize());
    await next();
    const calledAt = performance.now();
    send(callTool(1, "send_message", { content: "hi", to: "pc" }));
    await requestArrived();
    child.stdin.end();
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - calledAt).toBeLessThan(CALL_MS);
    bridge.behaviour = "normal";
    const later = await ServerProcess.start(macEnv(home.path, bridge.url));
    await later.call("check_messages");
    await later.stop();
    expect(bridge.messages).toMatchObject([{ content: "hi" }]);
  });

  it("stays alive after the reading ends of its stdout and stderr were closed", async () => {
    const { child, send, next } = spawnServer();
    send(initialize());
    await next();
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.write("not JSON\n");
    for (let id = 1; id <= 3; id++) send(callTool(id, "send_message", { content: `call ${id}`, to: "pc" }));
    await expect.poll(() => bridge.messages.length, { timeout: 5_000 }).toBe(3);
    send(callTool(4, "send_message", { content: "call 4", to: "pc" }));
    await expect.poll(() => bridge.messages.length, { timeout: 5_000 }).toBe(4);
    expect(child.exitCode).toBeNull();
  });

  it("takes the project from the session's folder, not from where the process was started", async () => {
    const { BRIDGE_PROJECT: _, ...env } = macEnv(home.path, bridge.url);
    const server = await ServerProcess.start({ ...env, CLAUDE_PROJECT_DIR: join(home.path, "My App") });
    expect((await server.call("check_messages")).text).toContain("project My App");
    await server.stop();
  });
});

async function requestArrived() {
  await expect.poll(() => bridge.requests.length, { timeout: 5_000 }).toBeGreaterThan(0);
}

/** The Node that users have: the first one on PATH that is not this project's own. */
function systemNode(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const name = process.platform === "win32" ? "node.exe" : "node";
  return folders.map((folder) => join(folder, name)).find(existsSync) ?? null;
}

const node = systemNode();
const version = node === null ? "none" : execFileSync(node, ["--version"], { encoding: "utf8" }).trim();

it.skipIf(node === null || !existsSync(BUNDLE))(
  `the bundle works under the system's Node (${version}): a message goes out and is read`,
  async () => {
    const server = await ServerProcess.start(macEnv(home.path, bridge.url), { node: node ?? "", file: BUNDLE });
    expect((await server.client.listTools()).tools).toHaveLength(7);
    expect((await server.call("send_message", { content: "hi", to: "mac/photon" })).text).toContain(
      "Stored on the bridge",
    );
    expect((await server.call("read_messages")).text).toContain("note from mac/photon to mac/photon");
    await server.stop();
  },
);
