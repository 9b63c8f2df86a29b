import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RealBridge } from "./support/real-bridge.ts";
import { ServerProcess } from "./support/server-process.ts";

// The client's own loader and graders: test/e2e/evals.test.ts. Here: the cases are about Photon as it is now.

const EVALS = fileURLToPath(new URL("../evals/", import.meta.url));
const TOOLS_FILE = join(EVALS, "mocks/photon/_tools.json");
const TOOL = /\bmcp__plugin_photon_photon__(\w+)/g;

/** One message in a `read_messages` mock: its kind, and what its sender wrote. */
const MESSAGE = /^(\w+) from pc\/photon to mac\/photon · .*\n.*\n<<(\w+) .*\n([\s\S]*?)\n\2>>$/gm;

const files = readdirSync(EVALS, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".md") && path !== "README.md");
const inboxes = files.filter(
  (path) => /^[^/]+\/mocks\/photon\/read_messages\.md$/.test(path) && !path.startsWith("mocks/"),
);

let bridge: RealBridge;
let reader: ServerProcess;
let sender: ServerProcess;

beforeAll(async () => {
  bridge = await RealBridge.start();
  const mac = await bridge.member("mac");
  const pc = await bridge.member("pc", { by: mac });
  reader = await ServerProcess.start({ ...mac.env, CLAUDE_CODE_SESSION_ID: "reads" });
  sender = await ServerProcess.start({ ...pc.env, CLAUDE_CODE_SESSION_ID: "writes" });
});
afterAll(async () => {
  await Promise.all([reader.stop(), sender.stop()]);
  await bridge.stop();
});

describe("the evals", () => {
  it("offer the tools as the server lists them", async () => {
    const { tools } = await reader.client.listTools();
    await expect(`${JSON.stringify({ tools }, null, 2)}\n`).toMatchFileSnapshot(TOOLS_FILE);
  });

  it("name no tool that Photon does not have, in graders or in mocks", async () => {
    const { tools } = await reader.client.listTools();
    const graded = files.flatMap((path) => [...textOf(path).matchAll(TOOL)].map(([, name]) => name));
    const mocked = files.flatMap((path) => /mocks\/photon\/(\w+)\.md$/.exec(path)?.[1] ?? []);
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining([...new Set([...graded, ...mocked])]));
  });

  it("have a case for each way to go wrong, with mail in it", () => {
    expect(inboxes).toHaveLength(5);
  });

  it.each(inboxes)("show mail as Photon shows it: %s", async (path) => {
    const mock = textOf(path).split("---\n").slice(2).join("---\n").trim();
    const messages = [...mock.matchAll(MESSAGE)];
    expect(messages).not.toEqual([]);
    for (const [, kind, , content] of messages.reverse()) {
      expect((await sender.call("send_message", { to: "mac/photon", kind, content })).isError).toBe(false);
    }
    const { text } = await reader.call("read_messages", { unread_only: true });
    for (const id of text.matchAll(/(?<=· id )\S+/g)) await reader.call("mark_read", { message_id: id[0] });
    expect(withoutChance(text)).toBe(withoutChance(mock));
  });
});

/** Ids, times and the marks of a fence are different in every message. */
function withoutChance(text: string): string {
  const mark = /<<(\w+)/.exec(text)?.[1] ?? "";
  return text
    .replaceAll(mark, "MARK")
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
    .replace(/· \d{4}-\d\d-\d\d \d\d:\d\d UTC \([^)]*\) ·/g, "· TIME ·");
}

function textOf(path: string): string {
  return readFileSync(join(EVALS, path), "utf8");
}
