import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handoverOffer } from "../../client/text/handover-offer.ts";
import { tellable } from "../../client/text/tellable-mail.ts";
import { draftOfFolder } from "../../handover/draft/draft-of-folder.ts";
import { publishDraft } from "../../handover/publish/publish.ts";
import { tryBuildCapsule } from "../../handover/publish/work-capsule.ts";
import { type Confirm, ServerContext } from "../../server/context.ts";
import { readMessages } from "../../server/tools/read-messages.ts";
import { resumeHandover } from "../../server/tools/resume-handover.ts";
import { bareEnv, buildCli, runCommand } from "../support/cli/built-cli.ts";
import { hasTmux, Tmux } from "../support/cli/tmux.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let world: string;
let mac: TestMachine;
let pc: TestMachine;
let questions: string[];
beforeAll(async () => {
  bridge = await RealBridge.start();
});
afterAll(() => bridge.stop());
beforeEach(async () => {
  await bridge.api.call("clearMessages", { query: { confirm: "true" } });
  [mac, pc] = [bridge.machine("mac"), bridge.machine("pc")];
  questions = [];
  world = mkdtempSync(join(tmpdir(), "photon resume "));
  git(world, "init", "-q", "-b", "main", "mac");
  write("mac", "README.md", "hello\n");
  git(join(world, "mac"), "add", "-A");
  git(join(world, "mac"), "commit", "-q", "-m", "first");
  git(world, "clone", "-q", "mac", "pc");
});
afterEach(() => rmSync(world, { recursive: true, force: true }));

function git(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH ?? "", HOME: world, TMPDIR: tmpdir(), GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example"];
  return execFileSync("git", [...who, ...args], { cwd, env, encoding: "utf8", stdio: "pipe" });
}
const write = (machine: string, path: string, text: string) => writeFileSync(join(world, machine, path), text);
const context = (answer: Awaited<ReturnType<Confirm>>) =>
  new ServerContext({
    env: pc.env,
    folder: join(world, "pc"),
    confirm: async (question) => {
      questions.push(question);
      return answer;
    },
  });
const call = async (args: object, answer: Awaited<ReturnType<Confirm>> = "cannot") =>
  (await resumeHandover.run(args, context(answer))).text;
/** Hands over the state of mac's folder. */
async function handOver(): Promise<string> {
  const folder = join(world, "mac");
  const draft = draftOfFolder(mac.config, folder, { now: Date.now() });
  const { id } = await publishDraft(mac.paths, mac.config, draft, { capsule: await tryBuildCapsule(folder) });
  expect(await mac.mailbox.outbox.deliver(id)).toMatchObject({ state: "stored" });
  return id;
}
const isUntouched = () =>
  git(join(world, "pc"), "status", "--porcelain") + git(join(world, "pc"), "branch", "--list", "photon/*");

describe("resume_handover", () => {
  it("shows the newest handover and what it would change, without changing anything or asking anyone", async () => {
    write("mac", "README.md", "better\n");
    write("mac", "package.json", "{}\n");
    const id = await handOver();
    const text = await call({});
    expect(text).toContain(`resume_handover {"message_id":"${id}","apply":"worktree"}`);
    expect(text).toContain("Applying would change 2 files (1 added, 1 changed)");
    expect(text).toMatch(/run or obey on their own[^\n]*\n- package\.json/);
    expect(isUntouched()).toBe("");
    expect(questions).toEqual([]);
  });

  it.each(["no", "cannot"] as const)("changes nothing if the person's answer is: %s", async (answer) => {
    write("mac", "README.md", "better\n");
    const id = await handOver();
    for (const apply of ["worktree", "here"]) {
      expect(await call({ message_id: id, apply }, answer)).toMatch(
        /^Not applied, nothing was changed: .*photon resume/,
      );
    }
    expect(questions).toHaveLength(2);
    expect(isUntouched()).toBe("");
    expect((await mac.mailbox.inbox.get(id)).receipts ?? []).toEqual([]);
  });

  it("applies onto a clean checkout if the person agrees, and the sender sees that", async () => {
    write("mac", "README.md", "better\n");
    const id = await handOver();
    utimesSync(world, 1_000_000, 1_000_000);
    const dry = await runCommand(["resume", id, "--here", "--dry-run"], { env: pc.env, cwd: join(world, "pc") });
    expect(dry.stdout).toContain("In a new folder: ");
    expect(await call({ message_id: id, apply: "here" }, "yes")).toContain("resumed by pc");
    expect(statSync(world).mtimeMs, "no folder was made next to the repository").toBe(1_000_000_000);
    expect(readFileSync(join(world, "pc", "README.md"), "utf8")).toBe("better\n");
    expect(questions[0]).toContain(
      "apply the work handed over by mac/photon (UNVERIFIED)? 1 file (1 changed) on the checked-out branch",
    );
    expect((await mac.mailbox.inbox.get(id)).receipts).toMatchObject([{ machine: "pc", takenAt: expect.any(String) }]);
  });

  it("does not ask if the capsule cannot be applied here", async () => {
    write("mac", "README.md", "better\n");
    const id = await handOver();
    write("pc", "README.md", "mine\n");
    await expect(call({ message_id: id, apply: "here" }, "yes")).rejects.toThrow("There is uncommitted work here.");
    expect(questions).toEqual([]);
    expect(readFileSync(join(world, "pc", "README.md"), "utf8")).toBe("mine\n");
  });

  it("tells a script to look first, and Claude to ask the person, where the command cannot ask", async () => {
    write("mac", "README.md", "better\n");
    await handOver();
    const resume = (env: object) => runCommand(["resume"], { env: { ...pc.env, ...env }, cwd: join(world, "pc") });
    const script = await resume({});
    expect(script).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/terminal.*--dry-run.*only then add --yes/),
    });
    const claude = await resume({ CLAUDECODE: "1" });
    expect(claude).toMatchObject({ code: 2, stderr: expect.stringContaining("resume_handover") });
    expect(claude.stderr).not.toContain("--yes");
    expect(isUntouched()).toBe("");
  });

  it("is followed by where to start Claude Code and by how to undo it, each as one command", async () => {
    write("mac", "README.md", "better\n");
    await handOver();
    const resumed = await runCommand(["resume", "--yes"], {
      env: { ...pc.env, PHOTON_UNATTENDED: "1" },
      cwd: join(world, "pc"),
    });
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stdout).toMatch(
      /:\n {2}cd '.*photon resume .*' && claude\nTo undo it, run:\n {2}git .*worktree remove.*\n$/,
    );
  });

  it.skipIf(!hasTmux)("is shown in a narrow terminal without broken words (skipped without tmux)", async () => {
    const cli = await buildCli();
    write("mac", "README.md", "better\n");
    await handOver();
    const run = ["sh", "-c", 'cd "$1" && exec "$2" "$3" resume', "sh", join(world, "pc"), process.execPath, cli.script];
    const env = Object.entries(pc.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
    const terminal = new Tmux(run, { ...bareEnv({}), ...Object.fromEntries(env) }, 60);
    try {
      await terminal.shows("Apply it in a new folder?");
      // A line that the terminal itself continued, perhaps inside a word. Only one long word may be such a line.
      expect(terminal.lines().filter((line) => line.length > 60 && /\s/.test(line.trim()))).toEqual([]);
    } finally {
      terminal.close();
      cli.remove();
    }
  });

  it("says before it asks that an untracked file is in the way here, and offers only the new folder", async () => {
    write("mac", "new.md", "theirs\n");
    const id = await handOver();
    write("pc", "new.md", "mine\n");
    const text = await call({});
    expect(text).toContain("Here (--here): not possible. It would overwrite a file here: ");
    expect(text).toContain('"apply":"worktree"');
    expect(text).not.toContain('"apply":"here"');
    await expect(call({ message_id: id, apply: "here" }, "yes")).rejects.toThrow(
      /It would overwrite a file here: .*new\.md.* Use "apply": "worktree"\./,
    );
    expect(questions).toEqual([]);
    expect(readFileSync(join(world, "pc", "new.md"), "utf8")).toBe("mine\n");
  });

  it("puts unpushed commits on the branch of a new folder, or stages their changes here, and says so", async () => {
    git(join(world, "mac"), "remote", "add", "origin", join(world, "pc"));
    git(join(world, "mac"), "fetch", "-q", "origin");
    write("mac", "README.md", "committed\n");
    git(join(world, "mac"), "commit", "-qam", "unpushed");
    write("mac", "new.md", "x\n");
    const id = await handOver();
    expect(await call({})).toContain(", with the unpushed commits. Your work tree");
    const inFolder = await call({ message_id: id, apply: "worktree" }, "yes");
    const [, branch = ""] = /branch (photon\/\S+)\. The branch has the unpushed commits; /.exec(inFolder) ?? [];
    expect(git(join(world, "pc"), "log", "-1", "--format=%s", branch)).toBe("unpushed\n");
    expect(inFolder).toMatch(/\nTo undo it, run:\n {2}git .*$/);
    const here = await call({ message_id: id, apply: "here" }, "yes");
    expect(here).toContain("The changes are staged, not committed; those of the unpushed commits too.");
    expect(git(join(world, "pc"), "log", "-1", "--format=%s")).toBe("first\n");
    expect(git(join(world, "pc"), "status", "--porcelain")).toBe("M  README.md\nA  new.md\n");
  });

  it("works without files if there is no capsule, or if it was deleted", async () => {
    const { id } = await mac.mailbox.outbox.send({ content: "Go on.", to: "*/photon", kind: "handover" });
    expect(await call({})).toContain(`resume_handover {"message_id":"${id}","apply":"none"}`);
    for (const answer of ["no", "cannot"] as const)
      expect(await call({ message_id: id, apply: "none" }, answer)).toMatch(
        /^Not resumed, .*: photon resume [0-9a-f-]+$/,
      );
    expect((await mac.mailbox.inbox.get(id)).receipts?.[0]?.takenAt).toBeUndefined();
    expect(questions[0]).toBe("Photon: resume the handover from mac/photon (UNVERIFIED), without files?");
    expect(await call({ message_id: id, apply: "none" }, "yes")).toContain('"resumed by pc"');
    const work = { branch: "main", files: 1, capsule: { sha256: "0".repeat(64), bytes: 9 } };
    const lost = await bridge.api.call("sendMessage", {
      body: { content: "Go on.", from: "mac/photon", to: "*/photon", project: "photon", kind: "handover", work },
    });
    expect(await call({ message_id: lost.id })).toContain("Its capsule cannot be used here: The bridge does not have");
    expect(existsSync(join(world, "pc-photon-mac"))).toBe(false);
  });

  it("refuses messages that are not handovers, and applying without a dry run", async () => {
    const { id } = await mac.mailbox.outbox.send({ content: "apply me", to: "pc" });
    await expect(call({ message_id: id })).rejects.toThrow("not a handover");
    await expect(call({ apply: "worktree" }, "yes")).rejects.toThrow("message_id");
    expect(await call({})).toBe("There is no handover for pc/photon.");
  });
});

describe("a handover that cannot be opened here, because this machine joined later", () => {
  let own: RealBridge;
  beforeAll(async () => {
    own = await RealBridge.start();
  });
  afterAll(() => own.stop());

  it("is never resumed or marked, by the command or the tool, nor offered; a later one is", async () => {
    mac = await own.member("mac");
    write("mac", "README.md", "better\n");
    const id = await handOver();
    pc = await own.member("pc", { by: mac });
    const cannot = expect.stringMatching(
      `^Not resumed, nothing .*the handover ${id} cannot be opened here .*joined later`,
    );
    expect(await call({})).toBe("There is no handover for pc/photon.");
    for (const args of [{ message_id: id }, { message_id: id, apply: "none" }, { message_id: id, apply: "here" }]) {
      await expect(call(args, "yes"), JSON.stringify(args)).rejects.toMatchObject({ message: cannot });
    }
    for (const args of [
      ["resume", id],
      ["resume", id, "--dry-run"],
      ["read", id],
    ]) {
      const { code, stdout, stderr } = await runCommand(args, { env: pc.env, cwd: join(world, "pc") });
      expect({ code, text: stdout + stderr }, args.join(" ")).toEqual({
        code: args[0] === "read" ? 0 : 1,
        text: expect.stringContaining("cannot be opened here"),
      });
    }
    const { whenSent } = await readMessages.run({ message_id: id }, context("no"));
    await whenSent?.();
    await pc.mailbox.receipts.flush();
    expect((await mac.mailbox.inbox.get(id)).receipts ?? []).toEqual([]);
    expect((await pc.mailbox.inbox.get(id)).read).toBe(false);
    const unread = tellable(await pc.mailbox.unread.fetch(), pc.paths, pc.config);
    expect([unread.unread, handoverOffer(unread.groups, Date.now())]).toEqual([0, null]);
    expect(questions).toEqual([]);

    await mac.mailbox.membership?.machineList(0);
    await handOver();
    expect(await call({})).toContain("Applying would change 1 file");
    const now = tellable(await pc.mailbox.unread.fetch(), pc.paths, pc.config);
    expect(handoverOffer(now.groups, Date.now())).toContain("from mac/photon");
  });
});
