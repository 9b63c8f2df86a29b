import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { type HandoverDraft, readDraft, saveDraft } from "../../handover/draft/draft-store.ts";
import { readPublication, savePublication } from "../../handover/draft/publication-store.ts";
import { macWithBridge } from "../../test/support/mac-with-bridge.ts";
import { ServerProcess, temporaryHome } from "../../test/support/server-process.ts";

const mac = macWithBridge();
const paths = () => photonPaths({ PHOTON_HOME: mac.home });
beforeEach(() => {
  rmSync(paths().sessions, { recursive: true, force: true });
});

/** Saves a draft as the Stop hook does, by default for the server's session. */
function leaveDraft(fields: Partial<HandoverDraft> = {}): HandoverDraft {
  const draft: HandoverDraft = {
    session: "session-1",
    project: "photon",
    machine: "mac",
    text: "# Goal\nFix the parser.",
    savedAt: Date.now() - 5 * 60_000,
    prompts: 3,
    edits: 2,
    folder: "",
    branch: "main",
    files: 2,
    policy: "auto",
    ...fields,
  };
  saveDraft(paths(), draft);
  return draft;
}

/** A repository with one uncommitted file. */
function withWork(): string {
  const folder = join(mac.home, "work");
  mkdirSync(folder, { recursive: true });
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
  writeFileSync(join(folder, "parser.ts"), "export {};\n");
  return folder;
}

describe("hand_over", () => {
  it("shows this session's draft and how to send it without arguments, and sends nothing", async () => {
    leaveDraft({ session: "newer", text: "of another session", savedAt: Date.now() });
    leaveDraft();
    const { text, isError } = await mac.call("hand_over");
    expect(isError).toBe(false);
    expect(text).toMatch(/^Handover draft of this session as it is now, not sent yet:/);
    expect(text).toContain("# Goal\nFix the parser.");
    expect(text).toContain('hand_over {"send":true}');
    expect(mac.bridge.messages).toEqual([]);
    expect(mac.outbox()).toEqual([]);
  });

  it("sends the unchanged draft to every machine in the project", async () => {
    leaveDraft();
    const { text } = await mac.call("hand_over", { send: true });
    const [stored] = mac.bridge.messages;
    expect(stored).toMatchObject({
      kind: "handover",
      to: "*/photon",
      content: "# Goal\nFix the parser.",
      session: "session-1",
    });
    expect(text).toMatch(
      new RegExp(`^Stored on the bridge for \\*/photon \\(id ${stored?.id}\\)\\.\nWithout a capsule: `),
    );
    expect(readPublication(paths(), "session-1")?.id).toBe(stored?.id);
  });

  it("tells Claude that only the text was sent, if the bridge keeps no capsules", async () => {
    leaveDraft({ folder: withWork() });
    const { text } = await mac.call("hand_over", { send: true });
    expect(text).toMatch(/^Stored on the bridge .*\nThe capsule was NOT sent, only the text: /);
    expect(text).not.toContain("Capsule: ");
    mac.bridge.acceptsCapsules = true;
    expect((await mac.call("hand_over", { send: true })).text).toContain("\nCapsule: 1 file.");
  });

  it("sends a better text to the given machine, in place of the session's earlier handover", async () => {
    leaveDraft();
    await mac.call("hand_over", { send: true });
    const first = mac.bridge.messages[0]?.id;
    const { text } = await mac.call("hand_over", { content: "Better.", to: "pc", send: true });
    expect(text).toContain("for pc (id ");
    expect(mac.bridge.messages[0]).toMatchObject({ content: "Better.", to: "pc", kind: "handover" });
    const sent = mac.bridge.requests.filter(({ method, url }) => method === "POST" && url === "/messages");
    expect(JSON.parse(sent.at(-1)?.body ?? "")).toMatchObject({ replaces: first });
  });

  it("sends new content without a draft, and never in place of another session's handover", async () => {
    const other = leaveDraft({ session: "other" });
    const published = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";
    savePublication(paths(), { session: "other", id: published, at: 1, text: "x" });
    const { text } = await mac.call("hand_over", { content: "From scratch.", capsule: false });
    expect(text).toMatch(/^Stored on the bridge/);
    expect(mac.bridge.messages).toMatchObject([
      { content: expect.stringMatching(/^From scratch\./), session: "session-1", kind: "handover" },
    ]);
    expect(mac.bridge.requests.at(-1)?.body).not.toContain(published);
    expect(readDraft(paths(), "other")).toEqual(other);
  });

  it("sends nothing if the arguments contradict each other, or to an invalid address", async () => {
    leaveDraft();
    expect(await mac.call("hand_over", { content: "x", send: false })).toMatchObject({ isError: true });
    expect(await mac.call("hand_over", { send: true, to: "my pc" })).toMatchObject({
      isError: true,
      text: expect.stringContaining("`to` must be an address"),
    });
    expect(mac.bridge.messages).toEqual([]);
  });

  it("is queued while the bridge is away, and delivered when it is back", async () => {
    leaveDraft();
    await mac.bridge.stop();
    expect((await mac.call("hand_over", { send: true })).text).toMatch(/^Queued on this machine \(1 waiting\)/);
    await mac.bridge.restart();
    await mac.call("check_messages");
    expect(mac.bridge.messages).toMatchObject([{ kind: "handover", content: "# Goal\nFix the parser." }]);
  });

  it("shows the beginning of a long draft, and says so", async () => {
    leaveDraft({ text: "line of the draft\n".repeat(3_000) });
    const { text } = await mac.call("hand_over");
    expect(text.length).toBeLessThan(20_000);
    expect(text).toMatch(/its first \d+ characters;.* all of it is sent\./);
    await mac.call("hand_over", { send: true });
    expect(mac.bridge.messages[0]?.content).toBe("line of the draft\n".repeat(3_000));
  });

  it("is queued on a machine that is not set up, and says so", async () => {
    const home = temporaryHome();
    const unset = await ServerProcess.start({ PHOTON_HOME: home.path, BRIDGE_PROJECT: "photon" });
    expect((await unset.call("hand_over", { content: "Later." })).text).toMatch(
      /^Queued on this machine \(1 waiting\), not sent yet: Not set up: /,
    );
    await unset.stop();
    home.remove();
  });
});
