import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { letters } from "../../test/support/secrets/letters.ts";
import type { HandoverDraft } from "../draft/draft-store.ts";
import { leftBehind } from "./left-behind.ts";
import { tryBuildCapsule } from "./work-capsule.ts";

let home: string;
/** The session's repository, in the home folder. Its remote has its first commit. */
let root: string;
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@e", ...args], { cwd: folder, stdio: "pipe" });
const write = (path: string, text = "x\n") => writeFileSync(join(root, path), text);
const commit = (subject: string) => git(root, "commit", "-q", "--allow-empty", "-m", subject);
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "photon left ")));
  vi.stubEnv("HOME", home);
  vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
  root = join(home, "shop");
  git(home, "init", "-q", "-b", "main", root);
  write("code");
  git(root, "add", "-A");
  commit("base");
  git(home, "clone", "-q", "--bare", root, "origin.git");
  git(root, "remote", "add", "origin", join(home, "origin.git"));
  git(root, "fetch", "-q");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const draft = (more: Partial<HandoverDraft> = {}): HandoverDraft => ({
  ...{ session: "s-1", project: "photon", machine: "mac", text: "# Handover", savedAt: 1_000, folder: root },
  ...{ branch: "main", files: 0, prompts: 1, edits: 1, policy: "auto" },
  ...more,
});
const config = { machine: "mac", capsule: "explicit" } as const;
type Sent = Parameters<typeof leftBehind>[1];
/** The sentence for the receiver; null if there is none. */
async function sentence(sent: Partial<Sent> = {}, more: Partial<HandoverDraft> = {}): Promise<string | null> {
  const mask = async (name: string) => (await maskSecrets(name)).text;
  const section = await leftBehind(draft(more), { config, capsule: null, to: null, ...sent }, mask);
  expect(section ?? "").not.toContain(home);
  return section?.replace("## Not in this handover\n\n", "") ?? null;
}
const tried = async () => ({ capsule: await tryBuildCapsule(root) });

describe("work that did not go along", () => {
  it("is where the session was, with what it is and how to get it", async () => {
    git(root, "checkout", "-q", "-b", "crlf");
    for (const name of ["a", "b", "c"]) write(name);
    for (const subject of ["one", "two"]) commit(subject);
    const where = "The work is on `mac`, in `~/shop` on branch `crlf`: 3 files uncommitted, 2 commits not pushed.";
    expect(await sentence()).toBe(
      `${where} To get it: on \`mac\`, \`photon handover --send\` in that folder, or commit and push the branch.`,
    );
    expect(await sentence({ to: "pc/photon" })).toContain("`photon handover --send --to pc` in that folder");
    expect(await sentence({ to: "*/photon" })).toContain("`photon handover --send` in that folder");
  });

  it("does not exist if everything is committed and pushed, or if a capsule has all of it", async () => {
    expect(await sentence()).toBeNull();
    expect(await sentence({}, { folder: join(home, "gone") })).toBeNull();
    write("a");
    expect(await sentence(await tried())).toBeNull();
  });

  it("is pushed without a commit if nothing is uncommitted, and copied if nothing else brings it", async () => {
    commit("one");
    expect(await sentence()).toMatch(/in that folder, or push the branch\.$/);
    git(root, "checkout", "-q", "--detach");
    expect(await sentence()).toMatch(/in `~\/shop`: 1 commit not pushed\. .*, or push the commits\.$/);
    git(root, "remote", "remove", "origin");
    expect(await sentence()).toMatch(
      /: 2 commits not pushed\. To get it: on `mac`, `photon handover --send` in that folder\.$/,
    );
    expect(await sentence({ config: { ...config, capsule: "off" } })).toMatch(
      /To get it: on `mac`, copy the folder\.$/,
    );
  });

  it("is not got by a handover if the settings forbid capsules, or if it does not fit into one", async () => {
    write("a");
    expect(await sentence({ config: { ...config, capsule: "off" } })).toMatch(
      /: 1 file uncommitted\. To get it: on `mac`, commit and push the branch\.$/,
    );
    const capsule = { built: null, why: "The work is larger than 10 MiB, compressed.", leavesWork: true };
    expect(await sentence({ capsule })).toMatch(/To get it: on `mac`, commit and push the branch\.$/);
    expect(await sentence({ capsule: { ...capsule, cure: "handover" } })).toContain("`photon handover --send`");
  });

  it("is copied by hand if it must not be sent", async () => {
    write(".env", "KEY=1\n");
    const byHand =
      /: 1 file uncommitted\. To get it: on `mac`, copy the files by hand, because Photon does not send them\.$/;
    expect(await sentence()).toMatch(byHand);
    rmSync(join(root, ".env"));
    write("notes.txt", `${"gh"}p_${letters("secret", 36)}\n`);
    expect(await sentence(await tried())).toMatch(byHand);
  });

  it("is what a capsule leaves out", async () => {
    write("a");
    write(".env", "KEY=1\n");
    expect(await sentence(await tried())).toBe(
      "What the capsule leaves out is on `mac`, in `~/shop`. To get the files, copy them by hand.",
    );
    git(root, "add", "-A", "-f");
    commit("with a secret");
    expect(await sentence(await tried())).toContain("To get the commits, push the branch there.");
  });

  it("is what the session edited in a folder without git, if anything is left of it", async () => {
    const folder = join(home, "notes");
    mkdirSync(folder);
    writeFileSync(join(folder, "a.md"), "x");
    const edited = [join(folder, "a.md"), join(folder, "gone.md"), join(root, "code")];
    expect(await sentence({}, { folder, edited })).toBe(
      "The work is on `mac`, in `~/notes`: 1 file that the session edited. That folder is not in a git repository, so no handover carries it. To get it, copy the folder.",
    );
    expect(await sentence({}, { folder, edited: edited.slice(1) })).toBeNull();
    expect(await sentence({}, { folder: home, edited: [join(folder, "a.md")] })).toContain("in `~`: 1 file");
  });

  it("is not claimed if git does not answer", async () => {
    write(".git/HEAD", "nonsense");
    write(".git/config", "[core");
    expect(await sentence()).toBe(
      "There may be work on `mac`, in `~/shop`: git did not answer, so what is uncommitted or not pushed is not known.",
    );
  });

  it("is named without secrets, and cannot leave its place in the page", async () => {
    const token = `${"gh"}p_${letters("branch", 36)}`;
    const folder = join(home, "a`b\n## New section");
    git(home, "init", "-q", "-b", `fix-${token}`, folder);
    writeFileSync(join(folder, "a"), "x");
    const shown = await sentence({}, { folder });
    expect(shown).not.toContain(token.slice(0, 12));
    expect(shown).not.toContain("\n");
    expect(shown).toContain("`` ~/a`b?## New section ``");
  });
});
