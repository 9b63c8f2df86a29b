import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { MAX_CONTENT_BYTES } from "../../contract/message.ts";
import { saveDraft } from "../../handover/draft/draft-store.ts";
import { noteOpen } from "../../handover/draft/open-sessions.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";
import { fakeClaude } from "../../test/support/fake-claude.ts";

const mac = photonOnMac();

async function queue(...texts: string[]): Promise<void> {
  await mac.bridge.stop();
  for (const text of texts) await mac.run(["send", "pc", text]);
}

describe("photon flush", () => {
  it("sends the outbox in order, and prints nothing", async () => {
    await queue("one", "two");
    await mac.bridge.restart();
    expect(await mac.run(["flush"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(mac.bridge.messages.map(({ content }) => content)).toEqual(["two", "one"]);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("succeeds and keeps everything if the bridge is away, and says so", async () => {
    await queue("one");
    const { code, stdout, stderr } = await mac.run(["flush"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/^photon: [^\n]*: 1 message\. The bridge at .* cannot be reached: .* at its port\.\n$/);
    expect(mac.files("outbox")).toHaveLength(1);
    expect(JSON.parse((await mac.run(["flush", "--json"])).stdout)).toMatchObject({
      stored: 0,
      failed: 0,
      waiting: 1,
      stoppedBy: { code: "offline" },
    });
  });

  it("fails in CI as long as a message is not sent", async () => {
    await queue("one");
    const env = { CI: "true" };
    expect((await mac.run(["flush"], { env })).code).toBe(1);
    expect((await mac.run(["flush", "--json"], { env })).code).toBe(1);
    await mac.bridge.restart();
    expect(await mac.run(["flush"], { env })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.each([
    ["the key is refused", {}, "does not accept this machine's key"],
    ["this machine is not set up", { BRIDGE_API_KEY: "", BRIDGE_WORKER_URL: "" }, "has no bridge"],
  ])("fails and keeps everything if %s", async (_, env, words) => {
    await queue("one");
    await mac.bridge.restart();
    mac.bridge.behaviour = "refuses the key";
    const { code, stderr } = await mac.run(["flush"], { env });
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(mac.files("outbox")).toHaveLength(1);
  });

  it.each([{}, { CI: "true" }])("fails and says so if a message is held, with %j", async (env) => {
    await queue("one");
    await mac.bridge.restart();
    const elsewhere = { ...env, BRIDGE_WORKER_URL: `${mac.bridge.url.replace("127.0.0.1", "localhost")}` };
    const { code, stderr } = await mac.run(["flush"], { env: elsewhere });
    expect(code).toBe(1);
    expect(stderr).toContain("1 message is held here: it was written for another bridge");
    expect((await mac.run(["flush", "--json"], { env: elsewhere })).code).toBe(1);
    expect(await mac.run(["flush"], { env })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("prints nothing if the outbox is empty, whatever the bridge does", async () => {
    await mac.bridge.stop();
    expect(await mac.run(["flush"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await mac.run(["flush"], { env: { BRIDGE_API_KEY: "" } })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("fails if the bridge refuses a message permanently, and keeps it with the reason", async () => {
    await queue("one");
    await mac.bridge.restart();
    mac.bridge.behaviour = "refuses the message";
    const { code, stderr } = await mac.run(["flush"]);
    expect(code).toBe(1);
    expect(stderr).toContain("1 message could not be delivered");
    expect(mac.files("outbox")).toEqual([expect.stringMatching(/\.refused\.json$/)]);
  });

  it("sends the outbox even if a handover that is due cannot be published, and says so", async () => {
    await queue("one");
    await mac.bridge.restart();
    const paths = photonPaths({ PHOTON_HOME: mac.home });
    const session = { session: "s-1", pid: 0, transcriptPath: "", folder: mac.home, seenAt: Date.now() };
    noteOpen(paths, { ...session, isDue: true, hasEnded: true });
    saveDraft(paths, {
      session: "s-1",
      project: "photon",
      machine: "mac",
      text: "x".repeat(MAX_CONTENT_BYTES + 1),
      savedAt: Date.now(),
      folder: "",
      branch: null,
      files: 1,
      prompts: 2,
      edits: 1,
      policy: "auto",
    });
    const { code, stderr } = await mac.run(["flush"]);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("A handover could not be sent"),
    });
    expect(mac.bridge.messages.map(({ content }) => content)).toContain("one");
  });

  it.skipIf(process.platform === "win32")("sends all else before Claude writes a page, and then the page", async () => {
    await queue("one");
    await mac.bridge.restart();
    const paths = photonPaths({ PHOTON_HOME: mac.home });
    const seen = join(mac.home, "seen.json");
    const claude = fakeClaude(
      mac.home,
      `fs.writeFileSync(${JSON.stringify(seen)}, JSON.stringify(fs.readdirSync(${JSON.stringify(paths.outbox)})));
      answer("## Goal\\nA parser.\\n## Open\\n- Next: its docs.");`,
    );
    const ended = (session: string, policy: "auto" | "written") => {
      const transcriptPath = join(mac.home, `${session}.jsonl`);
      writeFileSync(transcriptPath, JSON.stringify({ type: "user", message: { role: "user", content: "Write it" } }));
      noteOpen(paths, {
        ...{ session, pid: 0, transcriptPath, folder: mac.home, seenAt: Date.now(), isDue: true, hasEnded: true },
      });
      saveDraft(paths, {
        ...{ session, project: "photon", machine: "mac", text: `# Handover\n\n${session}`, savedAt: Date.now() },
        ...{ folder: mac.home, branch: null, files: 1, prompts: 2, edits: 1, policy },
      });
    };
    ended("s-1", "written");
    ended("s-2", "auto");
    const env = { ...claude.env, PHOTON_HANDOVER: "written", CLAUDE_PROJECT_DIR: mac.home };
    const { stdout } = await mac.run(["flush", "--json"], { env });
    expect(JSON.parse(readFileSync(seen, "utf8"))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ stored: 3, waiting: 0 });
    const [page, ...others] = mac.bridge.messages.map(({ content }) => content);
    expect(page).toContain("> A parser.\n\n## Open\n\n- Next: its docs.");
    expect(others).toEqual([expect.stringContaining("s-2"), "one"]);
  });
});
