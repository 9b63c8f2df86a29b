import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type BuiltCli, buildCli, runCli } from "./support/cli/built-cli.ts";
import { RunningCli } from "./support/cli/running-cli.ts";
import { type BuiltHooks, buildHooks, runBuiltHook } from "./support/hooks/built-hooks.ts";
import { ServerProcess, temporaryHome } from "./support/server-process.ts";

/** A key without a form that anything could recognise. */
const KEY = "0b6d7c1e-our-key-9f8a";
/** A text that no scan recognises, after the beginning that `photon status` shows to its sender. */
const TEXT = "the merger is on friday at nine";
const MESSAGE = `${"What follows is for you alone. ".repeat(4)}${TEXT}`;

const said = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const keyOf = ({ headers }: IncomingMessage) => String(headers.authorization);

/** Servers at the bridge's address, and what they do with the received key. */
const BRIDGES: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  "rejects the key": (_, response) => said(response, 401, { error: "No.", code: "unauthorized" }),
  "repeats the key when it rejects it": (request, response) =>
    said(response, 401, { error: `Who is ${keyOf(request)}?`, code: "unauthorized" }),
  "repeats the key when it refuses a message": (request, response) =>
    said(response, 400, { error: `From ${keyOf(request)} ${keyOf(request)}?`, code: "invalid_request" }),
  "repeats the key in an unknown error": (request, response) =>
    said(response, 500, { error: `at ${keyOf(request)}`, code: "internal" }),
  "repeats the key as its version": (request, response) =>
    said(response, 200, { status: "ok", timestamp: new Date().toISOString(), version: keyOf(request).slice(7) }),
  "repeats the key in an invalid answer": (request, response) => said(response, 200, { messages: keyOf(request) }),
  "repeats the key on a web page": (request, response) =>
    response.writeHead(502, { "content-type": "text/html" }).end(`<h1>${keyOf(request)}</h1>`),
  redirects: (request, response) =>
    said(response, 302, {}, { location: `/elsewhere?key=${encodeURIComponent(keyOf(request))}` }),
  "cuts the connection": (request) => request.socket.destroy(),
};

let cli: BuiltCli;
let hooks: BuiltHooks;
beforeAll(async () => {
  cli = await buildCli();
  hooks = await buildHooks({ "session-start": "hooks/session-start.ts" });
}, 60_000);
afterAll(() => {
  cli.remove();
  hooks.remove();
});

let home: ReturnType<typeof temporaryHome>;
let bridge: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: string[];
let env: Record<string, string>;
beforeEach(async () => {
  home = temporaryHome();
  requests = [];
  bridge = createServer((request, response) => {
    requests.push(request.url ?? "");
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise<void>((resolve) => bridge.listen(0, "127.0.0.1", resolve));
  const address = bridge.address();
  const port = typeof address === "object" && address ? address.port : 0;
  env = {
    PHOTON_HOME: home.path,
    BRIDGE_WORKER_URL: `http://127.0.0.1:${port}`,
    BRIDGE_API_KEY: KEY,
    BRIDGE_MACHINE_ID: "mac",
    BRIDGE_PROJECT: "photon",
    PHOTON_DEBUG: "1",
  };
});
afterEach(async () => {
  bridge.closeAllConnections();
  await new Promise((resolve) => bridge.close(resolve));
  home.remove();
});

const COMMANDS = [["inbox"], ["status"], ["doctor"], ["flush", "--json"], ["handover", "--send"]];

/** All output of the programs. */
async function everythingSaid(): Promise<string> {
  const sent = await runCli(cli.script, ["send", "pc"], { env, stdin: MESSAGE });
  const others = await Promise.all(COMMANDS.map((args) => runCli(cli.script, args, { env })));
  const hook = await runBuiltHook(hooks.path("session-start"), {
    env,
    stdin: { session_id: "s-1", cwd: home.path, hook_event_name: "SessionStart", source: "startup" },
  });
  const server = await ServerProcess.start({ ...env, CLAUDE_CODE_SESSION_ID: "s-1" });
  const answers = [];
  for (const [name, args] of [
    ["send_message", { content: `${MESSAGE} again`, to: "pc" }],
    ["check_messages", {}],
    ["read_messages", {}],
    ["hand_over", { content: "# Handover", send: true }],
  ] as const)
    answers.push((await server.call(name, args)).text);
  await server.stop();
  return [
    ...[sent, ...others, hook].flatMap(({ stdout, stderr }) => [stdout, stderr]),
    ...answers,
    server.stderr(),
  ].join("\n");
}

describe("the output of the programs when a bridge", () => {
  it.each(Object.keys(BRIDGES))(
    "%s",
    async (name) => {
      answer = BRIDGES[name] ?? answer;
      const all = await everythingSaid();
      expect(requests.length).toBeGreaterThan(5);
      expect(requests.filter((url) => url.startsWith("/elsewhere"))).toEqual([]);
      expect(all.length).toBeGreaterThan(500);
      expect(all).not.toContain(KEY);
      expect(all).not.toContain(TEXT);
      expect(filesWith(KEY)).toEqual([]);
    },
    60_000,
  );

  it("is unreachable", async () => {
    env.BRIDGE_WORKER_URL = "http://127.0.0.1:1";
    const all = await everythingSaid();
    expect(all).toContain("cannot be reached");
    expect(all).not.toContain(KEY);
    expect(all).not.toContain(TEXT);
    expect(filesWith(TEXT)).not.toEqual([]); // it is in the outbox
    expect(filesWith(KEY)).toEqual([]);
  }, 60_000);
});

// Other systems list processes in other ways, but the programs start each other in the same way there.
describe.skipIf(process.platform !== "linux")("process arguments, which every user can read,", () => {
  it("contain neither the key nor a message", async () => {
    answer = () => undefined; // it never answers, so that the processes can be inspected
    const file = { workerUrl: env.BRIDGE_WORKER_URL, apiKey: KEY, machineId: "mac" };
    writeFileSync(join(home.path, "config.json"), JSON.stringify(file), { mode: 0o600 });
    const { BRIDGE_API_KEY: _, ...rest } = env;
    const cliRun = new RunningCli(cli.script, ["inbox"], rest);
    const sending = runCli(cli.script, ["send", "pc"], { env: rest, stdin: MESSAGE });
    const server = await ServerProcess.start({ ...rest, CLAUDE_CODE_SESSION_ID: "s-1" });
    const call = server.call("send_message", { content: `${MESSAGE} again`, to: "pc" }).catch(() => undefined);
    const seen = await vi.waitFor(
      () => {
        const found = argumentsOfOurs();
        expect(requests).not.toEqual([]); // at least one; the others may wait for their turn
        expect(found.length).toBeGreaterThanOrEqual(3);
        return found;
      },
      { timeout: 10_000, interval: 20 },
    );
    expect(seen.join("\n")).not.toMatch(new RegExp(`${KEY}|${TEXT}`));
    bridge.closeAllConnections();
    await new Promise((resolve) => bridge.close(resolve));
    await Promise.all([sending, call, cliRun.end("SIGTERM")]);
    await server.stop();
  }, 60_000);
});

/** The arguments of every process that uses this home. */
function argumentsOfOurs(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, "latin1").includes(`PHOTON_HOME=${home.path}`);
        return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, "utf8")] : [];
      } catch {
        return []; // it has just ended, or belongs to another user
      }
    });
}

function filesWith(text: string, folder = home.path): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesWith(text, path);
    return readFileSync(path, "utf8").includes(text) ? [path] : [];
  });
}
