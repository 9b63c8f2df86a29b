import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { RealBridge } from "./support/real-bridge.ts";

const SERVER = fileURLToPath(new URL("../dist/server.mjs", import.meta.url));
const guide = readFileSync(new URL("../docs/guide/other-clients.md", import.meta.url), "utf8");

const Configuration = z.strictObject({
  mcpServers: z.strictObject({
    photon: z.strictObject({
      command: z.literal("node"),
      args: z.tuple([z.string()]),
      env: z.record(z.string(), z.string()),
    }),
  }),
});

/** The JSON block under a heading of the guide. */
function configurationFor(client: string) {
  const [, text = ""] = new RegExp(`^### ${client}\n.*?^\`\`\`json\n(.*?)^\`\`\``, "ms").exec(guide) ?? [];
  return Configuration.parse(JSON.parse(text)).mcpServers.photon;
}

let bridge: RealBridge;
beforeAll(async () => {
  bridge = await RealBridge.start();
});
afterAll(() => bridge.stop());

let home: string;
let folder: string;
const open: Client[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon client "));
  folder = join(home, "lamp");
  mkdirSync(folder);
});
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

/** A client other than Claude Code: it sets only what its configuration says, and cannot ask the person. */
async function connect(env: Record<string, string>): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [SERVER],
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: home, LANG: "C.UTF-8", ...env },
    stderr: "pipe",
  });
  const client = new Client({ name: "another client", version: "1" });
  await client.connect(transport);
  open.push(client);
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const [first] = z.array(z.looseObject({ text: z.string() })).parse(content);
  expect(isError ?? false, first?.text).toBe(false);
  return first?.text ?? "";
}

const settings = (machine: string) => ({
  BRIDGE_WORKER_URL: bridge.url,
  BRIDGE_API_KEY: bridge.key,
  BRIDGE_MACHINE_ID: machine,
});

describe("the server, for a client that is not Claude Code", () => {
  it.each(["Cursor", "Gemini CLI"])("is configured for %s as the guide says", async (name) => {
    const { args, env } = configurationFor(name);
    expect(args[0]).toMatch(/\/dist\/server\.mjs$/);
    expect(env.BRIDGE_API_KEY).toMatch(/^\$(\{env:)?BRIDGE_API_KEY\}?$/);
    const client = await connect({ ...env, ...settings(name.split(" ")[0] ?? "") });
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain("send_message");
    expect(await call(client, "check_messages")).toContain(`project ${env.BRIDGE_PROJECT ?? "lamp"}`);
  });

  it("treats an empty variable as missing, and names the machine after the host", async () => {
    const client = await connect({ ...settings(""), BRIDGE_PROJECT: "" });
    const { messages } = await sent(client);
    expect(messages).toMatchObject([{ project: "lamp" }]);
  });

  it("lists the tools in the guide, and not those for hooks", async () => {
    const { tools } = await (await connect(settings("codex-1"))).listTools();
    const names = tools.map(({ name }) => name);
    for (const name of names) expect(guide).toContain(`\`${name}\``);
    expect(names).not.toContain("prompt_hook");
  });

  it("sends, checks, reads and marks messages in the project of its folder", async () => {
    const client = await connect(settings("codex-2"));
    const { messages } = await sent(client);
    expect(messages).toMatchObject([{ from: "codex-2/lamp", to: "pc", content: "hello", project: "lamp" }]);
    expect(messages[0]?.session).toBeUndefined();
    const { id } = await bridge.machine("pc").mailbox.outbox.send({ to: "codex-2/lamp", content: "hello yourself" });
    expect(await call(client, "check_messages")).toContain("1 note from pc in another project");
    expect(await call(client, "read_messages", { unread_only: true })).toContain("hello yourself");
    await call(client, "mark_read", { message_id: id });
    expect((await bridge.api.call("getMessage", { id, query: {} })).receipts).toMatchObject([
      { machine: "codex-2", readAt: expect.any(String) },
    ]);
  });

  it("counts messages that the client sent to its own machine, because it has no session", async () => {
    const client = await connect(settings("codex-3"));
    await call(client, "send_message", { content: "note to self", to: "codex-3" });
    expect(await call(client, "check_messages")).toContain("1 note from codex-3/lamp");
  });

  it("hands over the given text, without a saved draft", async () => {
    const client = await connect(settings("codex-4"));
    await call(client, "hand_over", { content: "Half done: the lamp blinks.", send: true, to: "pc" });
    const { messages } = await bridge.api.call("listMessages", { query: { from: "codex-4" } });
    expect(messages).toMatchObject([{ kind: "handover", to: "pc", project: "lamp" }]);
    expect(messages[0]?.content).toContain("the lamp blinks");
  });
});

async function sent(client: Client) {
  expect(await call(client, "send_message", { content: "hello", to: "pc" })).toMatch(/^Stored on the bridge/);
  const [, machine = ""] = /This is machine ([^,]+),/.exec(await call(client, "check_messages")) ?? [];
  return bridge.api.call("listMessages", { query: { from: machine, to: "pc" } });
}
