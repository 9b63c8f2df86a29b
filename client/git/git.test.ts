import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { git, runGit } from "./git.ts";

let home: string;
let folder: string;
/** A program that leaves a mark when it is started. */
let program: string;
const mark = () => join(home, "it ran");
const plain = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: "pipe", // its warnings are nobody's
  });

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "photon git's ")));
  folder = join(home, "a project");
  mkdirSync(folder);
  program = join(home, "program");
  writeFileSync(program, `#!/bin/sh\ntouch "${mark()}"\ncat\n`);
  chmodSync(program, 0o755);
  vi.stubEnv("HOME", home);
  vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
  plain("init", "-q", "-b", "main");
  writeFileSync(join(folder, "f"), "text\n");
  writeFileSync(join(folder, ".gitattributes"), "* filter=x=y diff=d merge=m\n");
  plain("add", ".");
  plain("commit", "-qm", "one");
  writeFileSync(join(folder, "f"), "TEXT\n"); // the same length, so that git has to read it
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});
const quoted = () => `'${program.replaceAll("'", "'\\''")}'`;
const attributes = (text: string) => writeFileSync(join(folder, ".gitattributes"), text);

describe("in an untrusted folder, git runs", () => {
  const STATUS = ["status", "--porcelain"];
  /** Starts git in both ways. @returns the first one's output */
  const asked = async () => {
    const { code, stdout } = await runGit(folder, STATUS);
    const printed = git(folder, STATUS);
    expect(printed).toBe(code === 0 ? stdout.toString() : null);
    return printed;
  };

  it.each(["clean", "process"])("no filter from the folder's settings: %s", async (kind) => {
    attributes("* filter=a.b\n");
    plain("config", `filter.a.b.${kind}`, quoted());
    expect(await asked()).toContain(" M f\n");
    expect(existsSync(mark())).toBe(false);
    execFileSync("git", ["status"], { cwd: folder, stdio: "ignore" }); // proves that plain git would run it
    expect(existsSync(mark())).toBe(true);
  });

  it("no filter from an included file or a worktree's settings", async () => {
    attributes("* filter=a\n");
    const included = join(home, "included");
    writeFileSync(included, `[filter "a"]\n\tclean = ${JSON.stringify(quoted())}\n`);
    plain("config", "include.path", included);
    expect(await asked()).toContain(" M f\n");
    plain("config", "--unset", "include.path");
    plain("config", "extensions.worktreeConfig", "true");
    plain("config", "--worktree", "filter.a.clean", quoted());
    expect(await asked()).toContain(" M f\n");
    expect(existsSync(mark())).toBe(false);
  });

  it("no filter whose name cannot be disabled: the call fails instead", async () => {
    attributes("* filter=x=y\n");
    plain("config", "filter.x=y.clean", quoted());
    await expect(runGit(folder, STATUS)).rejects.toThrow("settings name programs");
    expect(git(folder, STATUS)).toBeNull();
    expect(existsSync(mark())).toBe(false);
  });

  it("the filters from the person's own settings, even if the folder's settings name others", async () => {
    attributes("f filter=own\n");
    plain("config", "--global", "filter.own.clean", "tr A-Z a-z");
    expect(await asked()).toBe(" M .gitattributes\n"); // the filtered file is unchanged
    plain("config", "filter.own.clean", quoted());
    expect(await asked()).toContain(" M f\n");
    expect(existsSync(mark())).toBe(false);
  });

  it("no monitor, hook, external diff, textconv, merge driver, ssh or helper from the folder", async () => {
    attributes("* diff=d merge=m\n");
    for (const name of [
      ...["core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "diff.external"],
      ...["diff.d.command", "diff.d.textconv", "merge.m.driver", "credential.helper", "gpg.program"],
      ...["hook.x.command", "core.alternateRefsCommand", "sequence.editor"],
    ])
      plain("config", name, quoted());
    plain("config", "hook.x.event", "post-index-change");
    plain("config", "log.showSignature", "true");
    plain("config", "pager.log", "true");
    mkdirSync(join(folder, "hooks"));
    for (const hook of ["post-index-change", "reference-transaction", "post-checkout", "pre-commit"]) {
      writeFileSync(join(folder, "hooks", hook), `#!/bin/sh\n${quoted()}\n`, { mode: 0o755 });
    }
    plain("config", "core.hooksPath", "hooks");
    await asked();
    expect(git(folder, ["log", "-p", "--format=%s %G?", "HEAD"])).toContain("one");
    await runGit(folder, ["diff"]);
    await runGit(folder, ["read-tree", "-m", "HEAD"]);
    plain("remote", "add", "origin", "ssh://nobody@127.0.0.1:1/x");
    await runGit(folder, ["fetch", "origin"], { network: true, timeoutMs: 10_000 });
    plain("remote", "set-url", "origin", home);
    plain("config", "remote.origin.uploadpack", quoted());
    await runGit(folder, ["fetch", "origin"], { network: true, timeoutMs: 10_000 });
    plain("remote", "set-url", "origin", `ext::${program}`);
    plain("config", "protocol.ext.allow", "always");
    await runGit(folder, ["fetch", "origin"], { network: true, timeoutMs: 10_000 });
    expect(existsSync(mark())).toBe(false);
  });

  it("nothing in a bare repository inside another one, with old versions of git too", async () => {
    const inner = join(folder, "inner");
    plain("init", "-q", "--bare", "inner");
    mkdirSync(join(inner, "wt"));
    const settings = `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = wt\n\tfsmonitor = ${program}\n`;
    writeFileSync(join(inner, "config"), settings);
    expect(git(inner, STATUS)).toBeNull();
    expect(git(join(inner, "wt"), ["rev-parse", "--show-toplevel"])).toBeNull();
    await expect(runGit(inner, STATUS)).rejects.toThrow("cannot use bare repository");
    expect(existsSync(mark())).toBe(false);
  });

  it("nothing in a submodule", async () => {
    const library = join(folder, "library");
    plain("init", "-q", library);
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@e", "commit", "-q", "--allow-empty", "-m", "x"], {
      cwd: library,
    });
    writeFileSync(join(library, "file"), "x");
    execFileSync("git", ["add", "."], { cwd: library });
    plain("add", "library");
    writeFileSync(join(library, ".gitattributes"), "* filter=a\n");
    writeFileSync(join(library, "file"), "y");
    execFileSync("git", ["config", "filter.a.clean", quoted()], { cwd: library });
    await asked();
    expect(existsSync(mark())).toBe(false);
  });

  it("no program that variables name, and nothing in a repository that they point to", async () => {
    const other = join(home, "other");
    execFileSync("git", ["init", "-q", other]);
    for (const [name, value] of Object.entries({
      GIT_DIR: join(other, ".git"),
      GIT_WORK_TREE: other,
      GIT_EXTERNAL_DIFF: program,
      GIT_SSH_COMMAND: program,
      GIT_SSH: program,
      GIT_ASKPASS: program,
      GIT_PAGER: program,
      GIT_EXEC_PATH: home,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "core.fsmonitor",
      GIT_CONFIG_VALUE_0: program,
    }))
      vi.stubEnv(name, value);
    expect(git(folder, ["rev-parse", "--show-toplevel"])?.trim()).toBe(folder);
    expect(git(folder, STATUS)).toContain(" M f\n");
    await runGit(folder, ["diff"]);
    await runGit(folder, ["fetch", "ssh://nobody@127.0.0.1:1/x"], { network: true, timeoutMs: 10_000 });
    expect(existsSync(mark())).toBe(false);
  });

  it("no git program from the folder, whatever PATH says", () => {
    writeFileSync(join(folder, "git"), `#!/bin/sh\n${quoted()}\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `.:${process.env.PATH}`);
    expect(git(folder, ["rev-parse", "--show-toplevel"])?.trim()).toBe(folder);
    vi.stubEnv("PATH", ".");
    expect(git(folder, ["rev-parse", "--show-toplevel"])).toBeNull();
    expect(existsSync(mark())).toBe(false);
  });

  it("without replaced objects and grafted parents", async () => {
    const first = plain("rev-parse", "HEAD").trim();
    plain("commit", "-qam", "two");
    plain("replace", "HEAD", first);
    const log = async () => [
      git(folder, ["log", "--format=%s"]),
      (await runGit(folder, ["log", "--format=%s"])).stdout.toString(),
    ];
    expect(await log()).toEqual(["two\none\n", "two\none\n"]);
    plain("replace", "-d", plain("rev-parse", "HEAD").trim());
    mkdirSync(join(folder, ".git/info"), { recursive: true });
    writeFileSync(join(folder, ".git/info/grafts"), `${plain("rev-parse", "HEAD").trim()}\n`);
    expect(await log()).toEqual(["two\none\n", "two\none\n"]);
  });

  it("without fetching missing objects of a partial clone", async () => {
    plain("commit", "-qam", "two");
    plain("config", "uploadpack.allowFilter", "true");
    const clone = join(home, "partial");
    execFileSync("git", ["clone", "-q", "--no-checkout", "--filter=blob:none", `file://${folder}`, clone]);
    const blob = plain("rev-parse", "HEAD:f").trim();
    expect((await runGit(clone, ["cat-file", "-p", blob])).code).not.toBe(0);
    expect((await runGit(clone, ["cat-file", "-p", blob], { network: true })).stdout.toString()).toBe("TEXT\n");
  });
});

it("two files of the product start git, and three others start programs that are not git", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const starters = ["client", "handover", "server", "hooks", "cli", "contract"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|(?:^|\/)testing\//.test(file.replaceAll("\\", "/")))
      .map((file) => `${room}/${file.replaceAll("\\", "/")}`)
      .filter((file) => /from "node:child_process"/.test(readFileSync(join(root, file), "utf8"))),
  );
  const others = ["cli/install/plugin-in-client.ts", "handover/written/run-claude.ts", "hooks/start-flush.ts"];
  expect(starters.sort()).toEqual([...others, "client/git/git.ts", "client/git/inert-git.ts"].sort());
});
