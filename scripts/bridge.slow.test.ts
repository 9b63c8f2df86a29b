import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MessagePage, ROUTES } from "../contract/api.ts";
import { BridgeProcess } from "../test/support/scripts/bridge-process.ts";

const isWindows = process.platform === "win32";
const KEY = { BRIDGE_API_KEY: "a-key-of-the-environment" };

let folder: string;
let started: BridgeProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon bridge "));
  started = [];
});
afterEach(async () => {
  for (const bridge of started) {
    if (isAlive(bridge.pid)) await bridge.end("SIGTERM");
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function bridge(args: readonly string[], env: Readonly<Record<string, string>> = {}): BridgeProcess {
  const process = new BridgeProcess(args, env);
  started.push(process);
  return process;
}

const headers = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });

async function send(url: string, key: string, content: string): Promise<number> {
  const body = JSON.stringify({ from: "mac", content });
  return (await fetch(`${url}/messages`, { method: "POST", headers: headers(key), body })).status;
}

async function contents(url: string, key: string): Promise<string[]> {
  const response = await fetch(`${url}/messages`, { headers: headers(key) });
  return MessagePage.parse(await response.json()).messages.map(({ content }) => content);
}

describe("npm run bridge", () => {
  it("prints its address and the next command when it is ready, and stores the key and the messages readable only by their owner", async () => {
    const data = join(folder, "made by the bridge");
    const process = bridge(["--port", "0", "--data", data]);
    const url = await process.ready();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const key = readFileSync(join(data, "key"), "utf8").trim();
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(await send(url, "another-key", "no")).toBe(401);
    expect(await send(url, key, "hello")).toBe(201);
    expect(await contents(url, key)).toEqual(["hello"]);
    if (!isWindows) {
      const modes = ["key", "store", "."].map((name) => statSync(join(data, name)).mode & 0o777);
      expect(modes).toEqual([0o600, 0o700, 0o700]);
    }
    const { code, stdout, stderr } = await process.end("SIGTERM");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      `Photon bridge ready on ${url}`,
      expect.stringMatching(/first machine/),
      `  bin/photon setup --url ${url} --key-file "${join(data, "key")}"`,
      expect.stringContaining("Other computers cannot reach this bridge."),
      "",
    ]);
  });

  it("uses the key from the environment without saving it, and ends with all its children on Ctrl-C", async () => {
    const process = bridge(["--port", "0", "--data", folder], KEY);
    expect(await send(await process.ready(), KEY.BRIDGE_API_KEY, "hello")).toBe(201);
    expect(existsSync(join(folder, "key"))).toBe(false);
    const children = childrenOf(process.pid);
    expect((await process.end("SIGINT", { toGroup: true })).code).toBe(0);
    await areGone(children);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "leaves no child behind after %s, and keeps the messages, the key and the port for its next start",
    async (signal) => {
      const first = bridge(["--port", "0", "--data", folder]);
      const url = await first.ready();
      const key = readFileSync(join(folder, "key"), "utf8").trim();
      for (const content of ["one", "x".repeat(5_000)]) await send(url, key, content);
      const children = childrenOf(first.pid);
      expect((await first.end(signal)).code).toBe(signal === "SIGKILL" ? null : 0);
      await areGone(children);

      const second = bridge(["--port", new URL(url).port, "--data", folder]);
      expect(await second.ready()).toBe(url);
      expect(await contents(url, key)).toEqual(["x".repeat(5_000), "one"]);
    },
  );

  it("answers only to its own addresses and names, so that DNS rebinding does not work", async () => {
    const url = await bridge(["--port", "0", "--data", folder], KEY).ready();
    const { port } = new URL(url);
    const ask = (host: string, also: Readonly<Record<string, string>> = {}) =>
      statusOf(url, "/messages", { ...headers(KEY.BRIDGE_API_KEY), ...also, host });
    const own = ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "192.0.2.7", hostname(), `${hostname()}.local`];
    for (const name of own) expect([name, await ask(`${name}:${port}`)]).toEqual([name, 200]);
    const foreign = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127-0-0-1.evil.example"];
    for (const name of foreign) expect([name, await ask(`${name}:${port}`)]).toEqual([name, 421]);
    const evil = `evil.example:${port}`;
    const tricks = [
      { "mf-original-url": `${url}/messages` },
      { "x-forwarded-host": "localhost" },
      {
        upgrade: "websocket",
        connection: "Upgrade",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "sec-websocket-version": "13",
      },
    ];
    for (const trick of tricks) expect([trick, await ask(evil, trick)]).toEqual([trick, 421]);
    expect(await ask(`127.0.0.1:${port}`, { origin: `http://${evil}` })).toBe(403);
  });

  it("does not trust a claimed client address: wrong keys are counted and logged without it", async () => {
    const url = await bridge(["--port", "0", "--data", folder], KEY).ready();
    const statuses: number[] = [];
    // The limit counts per minute of the clock. A new minute starts at zero.
    for (let i = 0; i < 50; i++) {
      const address = `198.51.100.${i}`;
      const named = ["cf-connecting-ip", "x-forwarded-for", "x-real-ip", "true-client-ip"].map((name) => [
        name,
        address,
      ]);
      statuses.push(await statusOf(url, "/messages", { authorization: "Bearer wrong", ...Object.fromEntries(named) }));
    }
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const log = await (await fetch(`${url}/log`, { headers: headers(KEY.BRIDGE_API_KEY) })).json();
    const { entries } = ROUTES.auditLog.answer.parse(log);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.map(({ what, address }) => [what, address])).toEqual(entries.map(() => ["failed_key", undefined]));
  });

  it("can be stopped during start-up", async () => {
    const process = bridge(["--port", "0", "--data", folder], KEY);
    await vi.waitFor(() => expect(existsSync(join(folder, "store"))).toBe(true), { timeout: 10_000 });
    expect((await process.end("SIGTERM")).code).toBe(0);
  });

  it("says in one line that the port is in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { code, stdout, stderr } = await bridge(["--port", String(port), "--data", folder]).ended;
    other.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `Port ${port} on 127.0.0.1 is in use. Stop the program that listens there, or choose another port with --port.\n`,
    );
    expect(existsSync(join(folder, "key"))).toBe(false);
  });

  it("says in one line that its folder cannot be used", async () => {
    const file = join(folder, "a file");
    writeFileSync(file, "");
    const { code, stdout, stderr } = await bridge(["--port", "0", "--data", join(file, "data")]).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^The key cannot be saved in .*a file.*: E\w+: .*\. Choose another folder with --data\.\n$/);
    const keyed = await bridge(["--port", "0", "--data", join(file, "data")], KEY).ended;
    expect(keyed.stderr).toMatch(/^The bridge did not start: E\w+: [^\n]*\n$/);
  });

  it.each([
    ["an unknown flag", ["--prot", "1"], "--prot"],
    ["an invalid port", ["--port", "65536"], '"65536" is not a port'],
    ["a word as the port", ["--port", "http"], '"http" is not a port'],
    ["a flag without its value", ["--data"], "--data"],
    ["an argument", ["8787"], "8787"],
  ])("refuses %s and shows how it is used", async (_, args, named) => {
    const { code, stdout, stderr } = await bridge(args).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(named);
    expect(stderr).toContain("Usage: npm run bridge");
  });
});

/** The answer to a request with exactly these headers; `fetch` would set the host itself. */
function statusOf(url: string, path: string, given: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { headers: given, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.on("error", reject).end();
  });
}

/** Child processes, including workerd. Empty on Windows, which has no tool to list them. */
function childrenOf(pid: number): number[] {
  if (isWindows) return [];
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).split("\n");
  const children = listed.flatMap((line) => {
    const [, child, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === pid ? [{ pid: Number(child), command }] : [];
  });
  expect(children.map(({ command }) => basename(command))).toContain("workerd");
  return children.map((child) => child.pid);
}

/** Waits, because after a kill the children end a moment later. */
async function areGone(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5_000 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
