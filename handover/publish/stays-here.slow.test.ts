import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { readOutbox } from "../../client/mail/outbox-folder.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { MessageDraft } from "../../contract/message.ts";
import { letters } from "../../test/support/secrets/letters.ts";
import { type HandoverDraft, readDraft, saveDraft } from "../draft/draft-store.ts";
import { keepDraft } from "../draft/keep-draft.ts";
import { publishByPolicy, publishDraft } from "./publish.ts";
import { staysSection } from "./stays-here.ts";
import { tryBuildCapsule } from "./work-capsule.ts";

let world: string;
/** The session's repository. Its remote has its first commit. */
let root: string;
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@e", "-c", "protocol.file.allow=always", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: "pipe",
  });
const write = (path: string, text = "x\n") => writeFileSync(join(root, path), text);
beforeEach(() => {
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon stays ")));
  vi.stubEnv("HOME", world);
  vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
  root = join(world, "my project");
  git(world, "init", "-q", "-b", "main", root);
  write("code");
  write(".gitignore", ".env\nbuild/\n");
  git(root, "add", "-A");
  git(root, "commit", "-qm", "base");
  git(world, "clone", "-q", "--bare", root, "origin.git");
  git(root, "remote", "add", "origin", join(world, "origin.git"));
  git(root, "fetch", "-q");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(world, { recursive: true, force: true });
});
const draft = (more: Partial<HandoverDraft> = {}): HandoverDraft => ({
  session: "s-1",
  project: "photon",
  machine: "mac",
  text: "# Handover",
  savedAt: 1_000,
  folder: root,
  branch: "main",
  files: 0,
  prompts: 1,
  edits: 1,
  policy: "auto",
  ...more,
});
const lines = async (more: Partial<HandoverDraft> = {}) =>
  (await staysSection(draft(more)))?.split("\n").slice(2) ?? [];

/** A branch with a commit of its own, from the first commit. */
function branch(name: string): void {
  git(root, "checkout", "-q", "-b", name, "main");
  git(root, "commit", "-q", "--allow-empty", "-m", `on ${name}`);
  git(root, "checkout", "-q", "main");
}

describe("work that no capsule carries", () => {
  it("does not exist in a clean clone, and not outside a repository", async () => {
    expect(await lines()).toEqual([]);
    expect(await lines({ folder: world, edited: [join(root, "code")] })).toEqual([]);
    expect(await lines({ folder: join(world, "gone") })).toEqual([]);
    expect(await lines({ folder: "" })).toEqual([]);
  });

  it("is other branches with commits that the remote lacks, with or without an upstream, but no pushed or merged one", async () => {
    for (const name of ["alone", "fix/a,b", "pushed", "merged"]) branch(name);
    git(root, "branch", "same", "main");
    git(root, "push", "-q", "-u", "origin", "pushed");
    git(root, "merge", "-q", "merged");
    expect(await lines()).toEqual(["- Other branches with commits that `origin` lacks: `alone`, `fix/a,b`"]);
    git(root, "checkout", "-q", "--detach", "alone");
    expect(await lines()).toEqual(["- Other branches with commits that `origin` lacks: `fix/a,b`, `main`, `merged`"]);
  });

  it("is branches that only another remote than the shared one has", async () => {
    git(world, "clone", "-q", "--bare", "origin.git", "usb.git");
    git(root, "remote", "add", "backup", join(world, "usb.git"));
    branch("backed-up");
    git(root, "push", "-q", "-u", "backup", "backed-up");
    expect(await lines()).toEqual(["- Other branches with commits that `origin` lacks: `backed-up`"]);
  });

  it("is all other branches if there is no remote, also before the first commit", async () => {
    git(root, "remote", "remove", "origin");
    branch("other");
    expect(await lines()).toEqual(["- Other branches with commits that are not pushed: `other`"]);
    git(root, "checkout", "-q", "--orphan", "new");
    expect(await lines()).toEqual(["- Other branches with commits that are not pushed: `main`, `other`"]);
  });

  it("is stashes, each of them", async () => {
    for (const expected of ["- 1 stash", "- 2 stashes"]) {
      write("code", expected);
      git(root, "stash", "-q");
      expect(await lines()).toEqual([expected]);
    }
  });

  it("is files that the session edited and that git ignores or that are elsewhere", async () => {
    mkdirSync(join(root, "build"));
    for (const path of [".env", "build/out", "build/:(top)x*", "code", "new"]) write(path);
    symlinkSync(root, join(world, "link"));
    mkdirSync(join(world, "another"));
    writeFileSync(join(world, "another/notes"), "x");
    writeFileSync(join(world, ".zshrc"), "x");
    const inside = [".env", "build/out", "build/:(top)x*", "code", "new", "deleted since", ".git/config"].map((path) =>
      join(root, path),
    );
    const edited = [...inside, join(world, "link/build/out"), join(world, ".zshrc"), join(world, "another/notes")];
    expect(await lines({ edited })).toEqual([
      "- Edited, and ignored by git: `.env`, `build/out`, `build/:(top)x*`",
      "- Edited, outside the project: `.git/config`, `~/.zshrc`, `~/another/notes`",
    ]);
  });

  it("is commits in a submodule, and an ignored file although the session also edited one in the submodule", async () => {
    git(world, "clone", "-q", "--bare", "origin.git", "lib.git");
    git(root, "submodule", "add", "-q", join(world, "lib.git"), "lib");
    git(root, "commit", "-qm", "lib");
    git(root, "push", "-q", "origin", "main");
    expect(await lines()).toEqual([]);
    git(join(root, "lib"), "commit", "-q", "--allow-empty", "-m", "not pushed");
    write(".env");
    expect(await lines({ edited: [join(root, "lib/code"), join(root, ".env")] })).toEqual([
      "- Submodules with commits that are not pushed: `lib`",
      "- Edited, and ignored by git: `.env`",
    ]);
  });

  it("is not a submodule at a pinned commit that is at the end of no branch here, until a commit is made in it", async () => {
    const [bare, lib] = [join(world, "lib.git"), join(root, "lib")];
    git(world, "clone", "-q", "--bare", "origin.git", "lib.git");
    git(root, "submodule", "add", "-q", `file://${bare}`, "lib");
    git(root, "commit", "-qm", "lib");
    git(root, "push", "-q", "origin", "main");
    const source = join(world, "source");
    git(world, "clone", "-q", bare, source);
    git(source, "commit", "-q", "--allow-empty", "-m", "later");
    git(source, "push", "-q");
    git(root, "submodule", "deinit", "-q", "-f", "lib");
    rmSync(join(root, ".git/modules"), { recursive: true });
    git(root, "submodule", "update", "-q", "--init", "--depth", "1");
    // Its old end is below the new one, which git cannot see in a shallow clone.
    git(source, "commit", "-q", "--allow-empty", "-m", "later still");
    git(source, "push", "-q");
    git(lib, "fetch", "-q", "--depth", "1");
    expect(git(lib, "rev-list", "--branches", "HEAD", "--not", "--remotes").trim().split("\n")).toHaveLength(2);
    expect(await lines()).toEqual([]);
    git(lib, "pull", "-q", "--ff-only", "--unshallow", "origin", "main");
    git(lib, "update-ref", "-d", "refs/remotes/origin/main");
    expect(await lines()).toEqual([]);
    git(lib, "commit", "-q", "--allow-empty", "-m", "not pushed");
    git(root, "commit", "-qam", "the same commit is pinned");
    git(root, "push", "-q", "origin", "main");
    expect(await lines()).toEqual(["- Submodules with commits that are not pushed: `lib`"]);
  });

  it.each([
    ["a merge", ["merge", "-q", "--no-ff", "-m", "merged", "origin/there"]],
    ["a picked commit", ["cherry-pick", "origin/there"]],
    ["a revert", ["revert", "--no-edit", "HEAD"]],
    ["a rebased commit", ["rebase", "-q", "origin/there"]],
  ])("is %s in a submodule", async (_, command) => {
    git(world, "clone", "-q", "--bare", "origin.git", "lib.git");
    git(root, "submodule", "add", "-q", join(world, "lib.git"), "lib");
    const lib = join(root, "lib");
    const commit = (name: string) => {
      writeFileSync(join(lib, name), name);
      git(lib, "add", name);
      git(lib, "commit", "-qm", name);
    };
    git(lib, "checkout", "-q", "-b", "there");
    commit("one");
    git(lib, "checkout", "-q", "main");
    commit("two");
    git(lib, "push", "-q", "origin", "there", "main");
    expect(await lines()).toEqual([]);
    git(lib, ...command);
    expect(await lines()).toEqual(["- Submodules with commits that are not pushed: `lib`"]);
  });

  it("is cut at whole names if there is much of it", async () => {
    const names = Array.from({ length: 100 }, (_, at) => `branch-${at}`);
    branch("alone");
    for (const name of names) git(root, "branch", name, "alone");
    expect((await lines())[0]).toMatch(/`alone`, `branch-0`, .*, and \d\d more$/);
  });
});

describe("a handover", () => {
  const paths = () => photonPaths({ PHOTON_HOME: join(world, "photon") });
  const config = () => {
    const env = { BRIDGE_WORKER_URL: "http://bridge.test", BRIDGE_API_KEY: "key", BRIDGE_MACHINE_ID: "mac" };
    return loadConfig({ env, paths: paths(), folder: root });
  };
  const queued = () => readOutbox(paths()).map((entry) => MessageDraft.parse(entry.draft).content);

  it("names it with a capsule, without one, in the person's words, and when the policy sends it", async () => {
    branch("other");
    write("code", "changed");
    const section = "## Stays on `mac`\n\n- Other branches with commits that `origin` lacks: `other`\n";
    await publishDraft(paths(), config(), draft(), { capsule: await tryBuildCapsule(root) });
    await publishDraft(paths(), config(), draft(), { capsule: null });
    await publishDraft(paths(), config(), draft(), { capsule: null, text: "My words." });
    await publishByPolicy(paths(), config(), draft(), null);
    const left =
      "## Not in this handover\n\nThe work is on `mac`, in `~/my project` on branch `main`: 1 file uncommitted. To get it: on `mac`, `photon handover --send` in that folder, or commit and push the branch.\n";
    const [withCapsule, without, own, byPolicy] = queued();
    expect(withCapsule).toMatch(new RegExp(`^# Handover\n\n${section}\n## Capsule\n\n1 file, sha256 `));
    expect(without).toBe(`# Handover\n\n${left}\n${section}`);
    expect(own).toBe(`My words.\n\n${left}\n${section}`);
    expect(byPolicy).toContain(section);
  });

  it("names the work of which no capsule could be made, and why", async () => {
    writeFileSync(join(root, "server.pem"), "x");
    await publishDraft(paths(), config(), draft(), { capsule: await tryBuildCapsule(root) });
    expect(queued()[0]).toContain(
      "## Capsule\n\nNone. There is no uncommitted or unpushed work except what must stay here (server.pem: it looks like a key or a password file).",
    );
  });

  it("names nothing by a part of a secret, however long the name is, and reports each", async () => {
    const token = (seed: string) => `${"gh"}p_${letters(seed, 36)}`;
    const tokens = [token("branch"), token("ignored"), token("outside"), token("remote")];
    const [inBranch = "", ignored = "", outside = "", remote = ""] = tokens;
    branch(`${inBranch}-rotate-the-old-deploy-token-of-the-ci-bot`);
    git(root, "remote", "rename", "origin", `${remote}-${"of-the-mirror-".repeat(4)}`);
    mkdirSync(join(root, "build"));
    const edited = [
      join(root, "build", `${ignored}-${"notes-on-the-token-".repeat(4)}`),
      join(world, `${outside}-${"notes-on-the-token-".repeat(4)}`),
    ];
    for (const path of edited) writeFileSync(path, "x");
    const { masked } = await publishDraft(paths(), config(), draft({ edited }), { capsule: null });
    expect(masked.map(({ what }) => what)).toEqual(tokens.map(() => "a GitHub token"));
    const sent = queued().join();
    expect(sent.match(/\[a GitHub token, left out by Photon\]/g)).toHaveLength(tokens.length);
    for (const each of tokens) {
      for (let at = 0; at + 8 <= each.length; at++) expect(sent).not.toContain(each.slice(at, at + 8));
    }
  });

  it("knows from the transcript which files the session edited", async () => {
    const transcriptPath = join(world, "transcript.jsonl");
    const call = (id: string, name: string, input: object) => ({
      type: "assistant",
      message: { role: "assistant", content: [{ type: "tool_use", id, name, input }] },
    });
    const result = (id: string, of: object) => ({
      type: "user",
      message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "ok" }] },
      toolUseResult: of,
    });
    write(".env");
    const file_path = join(root, ".env");
    const prompt = (content: string) => ({ type: "user", message: { role: "user", content } });
    const all = [
      prompt("Change it"),
      call("t1", "Edit", { file_path, old_string: "a", new_string: "b" }),
      result("t1", { filePath: file_path, oldString: "a", newString: "b", structuredPatch: [] }),
      prompt("And go on"),
    ];
    writeFileSync(transcriptPath, all.map((line) => `${JSON.stringify(line)}\n`).join(""));
    keepDraft(paths(), config(), { session: "s-2", transcriptPath, folder: root, lastAnswer: null, isFinal: false });
    const kept = readDraft(paths(), "s-2");
    expect(kept?.edited).toEqual([file_path]);
    expect(await lines({ edited: kept?.edited ?? [] })).toContain("- Edited, and ignored by git: `.env`");
    // A file of another version, or a damaged one, is no reason to fail.
    const saved = join(paths().sessions, "s-2.json");
    writeFileSync(saved, readFileSync(saved, "utf8").replace(/"edited":\s*\[[^\]]*\]/, '"edited": [1, "code", null]'));
    expect(readDraft(paths(), "s-2")?.edited).toEqual(["code"]);
    saveDraft(paths(), draft());
    expect(readDraft(paths(), "s-1")?.edited).toBeUndefined();
  });
});
