import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keepCapsule } from "../../client/bridge/kept-capsule.ts";
import { setUnencrypted } from "../../client/encryption/unencrypted.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { packConversation } from "../../handover/conversation/conversation-file.ts";
import { openParcel, packParcel } from "../../handover/conversation/parcel.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { keepDraft } from "../../handover/draft/keep-draft.ts";
import { noteOpen, type OpenSession } from "../../handover/draft/open-sessions.ts";
import { publishDraft } from "../../handover/publish/publish.ts";
import { publishDue } from "../../handover/publish/publish-due.ts";
import { tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import { tryBuildConversation } from "../../handover/publish/work-conversation.ts";
import { type Confirm, ServerContext } from "../../server/context.ts";
import { resumeHandover } from "../../server/tools/resume-handover.ts";
import { runCommand } from "../support/cli/built-cli.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";
import { SessionLines } from "../support/transcript/session-lines.ts";

let bridge: RealBridge;
let mac: TestMachine;
let pc: TestMachine;
let world: string;
let session: string;
let transcriptPath: string;
let questions: string[];
beforeAll(async () => {
  bridge = await RealBridge.start();
  mac = await bridge.member("mac", { owner: true });
  pc = await bridge.member("pc", { by: mac });
}, 60_000);
afterAll(() => bridge.stop());
beforeEach(async () => {
  questions = [];
  world = mkdtempSync(join(realpathSync(tmpdir()), "photon talk "));
  for (const name of ["mac", "pc"]) mkdirSync(join(world, name));
  session = randomUUID();
  transcriptPath = join(world, `${session}.jsonl`);
  const lines = new SessionLines({ cwd: join(world, "mac") });
  for (const text of ["Write the parser", "and its tests"]) {
    lines.prompt(text);
    lines.says(`Done in ${world}/mac/a.ts.`);
  }
  writeFileSync(transcriptPath, `${lines.lines.join("\n")}\n`);
});
afterEach(() => rmSync(world, { recursive: true, force: true }));

const pcEnv = () => ({ ...pc.env, CLAUDE_CONFIG_DIR: join(world, "client") });
const tool = async (args: object, answer: Awaited<ReturnType<Confirm>> = "yes") => {
  const confirm = async (question: string) => {
    questions.push(question);
    return answer;
  };
  return (await resumeHandover.run(args, new ServerContext({ env: pcEnv(), folder: join(world, "pc"), confirm }))).text;
};
const draftOf = (machine: TestMachine) =>
  draftOfFolder(machine.config, join(world, "mac"), { session, text: "# Handover\n\nParser", now: Date.now() });

/** Hands mac's session over, with its conversation. */
async function handOver(to?: string) {
  const draft = draftOf(mac);
  const { paths, config } = mac;
  const capsule = await tryBuildCapsule(draft.folder);
  const conversation = await tryBuildConversation(draft, capsule, { paths, config, transcriptPath });
  expect(conversation.built?.messages).toBe(4);
  const { id } = await publishDraft(paths, config, draft, { to, capsule, conversation });
  return { id, delivery: await mac.mailbox.outbox.deliver(id) };
}
const placed = () =>
  readdirSync(join(world, "client"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));

describe("a conversation in a handover", () => {
  it("goes without files, is named in the question, and is placed after the person's yes", async () => {
    const { id, delivery } = await handOver();
    expect(delivery).toMatchObject({ state: "stored", encryptedFor: ["mac", "pc"] });
    const shown = await tool({ message_id: id });
    expect(shown).toContain("## Conversation");
    expect(shown).toMatch(/It has no files\.\nConversation: 4 messages, .*It will be placed as session/);
    expect(shown).not.toContain('"apply":"worktree"');
    expect(await tool({ message_id: id, apply: "here" }, "no")).toContain("Not applied");
    expect(questions[0]).toContain(`and place its conversation (4 messages) as session ${session}`);
    const done = await tool({ message_id: id, apply: "here" });
    expect(done).toContain(`cd '${join(world, "pc")}' && claude --resume ${session}`);
    expect(done).toMatch(/To undo it, run:\n {2}rm '/);
    const [file = ""] = placed();
    expect(readFileSync(join(world, "client", file), "utf8")).toContain(`Done in ${world}/pc/a.ts.`);
  });

  it("goes with the work, and `photon resume` places it for the folder with the work", async () => {
    for (const name of ["mac", "pc"]) execFileSync("git", ["init", "-q", "-b", "main", join(world, name)]);
    writeFileSync(join(world, "mac", "a.ts"), "export {};\n");
    const { id } = await handOver();
    const env = { ...pcEnv(), PHOTON_UNATTENDED: "1" };
    const dry = await runCommand(["resume", id, "--dry-run", "--json"], { env, cwd: join(world, "pc") });
    expect(JSON.parse(dry.stdout).dryRun).toMatchObject({
      files: [{ path: "a.ts" }],
      conversation: { session, messages: 4, isNewId: false },
    });
    const { code, stdout } = await runCommand(["resume", id, "--here", "--yes"], { env, cwd: join(world, "pc") });
    expect({ code, stdout: stdout.replace(/\s+/g, " ") }).toEqual({
      code: 0,
      stdout: expect.stringContaining(`cd '${join(world, "pc")}' && claude --resume ${session}`),
    });
    expect(readFileSync(join(world, "pc", "a.ts"), "utf8")).toBe("export {};\n");
    expect(placed()).toHaveLength(1);
  });

  it("is never sent unencrypted, not even where the person allowed that for messages", async () => {
    const box = bridge.machine("box");
    await box.mailbox.unread.fetch();
    setUnencrypted(mac.paths, mac.config.workerUrl, { name: "box", isAllowed: true });
    const { delivery } = await handOver("box");
    expect(delivery).toMatchObject({ state: "failed", reason: expect.stringContaining("only sent encrypted") });
    const draft = draftOf(box);
    const { paths, config } = box;
    expect(await tryBuildConversation(draft, null, { paths, config, transcriptPath })).toMatchObject({
      built: null,
      why: expect.stringContaining("has not joined"),
    });
  });

  it("is not used if its sender was not verified", async () => {
    const box = bridge.machine("box");
    const lines = [JSON.stringify({ type: "user", uuid: "u1", message: { role: "user", content: "obey" } })];
    const conversation = packConversation({ session, transcripts: [{ agent: null, lines }] });
    const parcel = packParcel({ capsule: null, conversation });
    const ref = keepCapsule(box.paths, parcel ?? Buffer.alloc(0));
    const work = { branch: null, files: 0, capsule: ref };
    const sent = await box.mailbox.outbox.send({ to: "pc", content: "Resume me", kind: "handover", work });
    expect(sent.state).toBe("stored");
    expect(await tool({ message_id: sent.id })).toContain("only one of a verified machine is");
    expect(await tool({ message_id: sent.id, apply: "here" })).not.toContain("claude --resume");
    expect(questions.join()).not.toContain("conversation");
    expect(() => placed()).toThrow("ENOENT");
  });
});

describe("an automatic handover", () => {
  const publish = (env: NodeJS.ProcessEnv, more: Partial<OpenSession>) => {
    const folder = join(world, "mac");
    const seenAt = Date.now();
    const noted = { session, pid: process.pid, transcriptPath, folder, seenAt, isDue: true, hasEnded: false, ...more };
    noteOpen(mac.paths, noted);
    const configOf = () => loadConfig({ env: { ...mac.env, ...env }, paths: mac.paths, folder });
    keepDraft(mac.paths, configOf(), { session, transcriptPath, folder, lastAnswer: null, isFinal: true });
    return publishDue(mac.paths, configOf);
  };
  const conversationOf = async (id = "") => {
    await mac.mailbox.outbox.deliver(id);
    const bytes = await pc.mailbox.inbox.capsule(await pc.mailbox.inbox.get(id));
    return bytes && openParcel(bytes).conversation;
  };

  it("takes the conversation along once, when the session is over, if the person wants that", async () => {
    const auto = { PHOTON_CONVERSATION: "auto" };
    const [midway] = await publish(auto, {});
    expect(await conversationOf(midway)).toBeNull();
    const [last] = await publish(auto, { isDue: false, hasEnded: true });
    expect(await conversationOf(last)).not.toBeNull();
    expect(await publish(auto, { isDue: false, hasEnded: true })).toEqual([]);
  });

  it("has none without the setting", async () => {
    const [last] = await publish({}, { hasEnded: true });
    expect(await conversationOf(last)).toBeNull();
    expect(await publish({}, { isDue: false, hasEnded: true })).toEqual([]);
  });
});

describe("a parcel", () => {
  it("is the capsule alone if there is no conversation", () => {
    const capsule = Buffer.from([0x1f, 0x8b, 1, 2, 3]);
    const conversation = Buffer.from([4, 5]);
    expect(packParcel({ capsule, conversation: null })).toBe(capsule);
    expect(packParcel({ capsule: null, conversation: null })).toBeNull();
    expect(openParcel(capsule)).toEqual({ capsule, conversation: null });
    for (const parcel of [
      { capsule, conversation },
      { capsule: null, conversation },
    ])
      expect(openParcel(packParcel(parcel) ?? Buffer.alloc(0))).toEqual(parcel);
  });
});
