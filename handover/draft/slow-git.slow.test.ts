import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { readOutbox } from "../../client/mail/outbox-folder.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { publishDue } from "../publish/publish-due.ts";
import { draftOfFolder } from "./draft-of-folder.ts";
import { draftOfSession } from "./draft-of-session.ts";
import { readDraft } from "./draft-store.ts";
import { keepDraft } from "./keep-draft.ts";
import { noteOpen } from "./open-sessions.ts";

/** More than a hook has for git, less than a person waits. */
const SLOW_S = 1;

let world: string;
let folder: string;
let paths: Paths;
const config = () => {
  const env = {
    BRIDGE_WORKER_URL: "http://bridge.test",
    BRIDGE_API_KEY: "key",
    BRIDGE_MACHINE_ID: "mac",
    PHOTON_HANDOVER: "auto",
  };
  return loadConfig({ env, paths, folder });
};
beforeEach(() => {
  world = realpathSync(mkdtempSync(join(tmpdir(), "photon slow ")));
  folder = join(world, "project");
  mkdirSync(folder);
  paths = photonPaths({ PHOTON_HOME: join(world, "photon") });
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  const slow = join(world, "slow");
  mkdirSync(slow);
  const script = `#!/bin/sh\ncase " $* " in *" status "*) sleep ${SLOW_S};; esac\nexec ${real} "$@"\n`;
  writeFileSync(join(slow, "git"), script);
  chmodSync(join(slow, "git"), 0o755);
  vi.stubEnv("PATH", `${slow}${delimiter}${process.env.PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(world, { recursive: true, force: true });
});

/** The draft of a hook, of an open session that is due. */
function leaveDraft(): void {
  const transcriptPath = join(world, "transcript.jsonl");
  const prompts = ["Go", "And the tests?"].map((content) => ({ type: "user", message: { role: "user", content } }));
  writeFileSync(transcriptPath, prompts.map((line) => `${JSON.stringify(line)}\n`).join(""));
  keepDraft(paths, config(), { session: "s-1", transcriptPath, folder, lastAnswer: "Done.", isFinal: true });
  const open = { session: "s-1", pid: process.pid, transcriptPath, folder, seenAt: Date.now(), isDue: true };
  noteOpen(paths, { ...open, hasEnded: true });
}

describe.skipIf(process.platform === "win32")("a git that is too slow for a hook", () => {
  it("is said to be slow in the hook's draft, and is waited for when a person hands over", () => {
    leaveDraft();
    expect(readDraft(paths, "s-1")?.text).toContain("Not known: Git did not answer in time.");
    const draft = draftOfSession(paths, config(), "s-1", folder);
    expect(draft?.text).toContain("Branch `main`");
    expect(draft?.text).toContain("> Done.");
    expect(readDraft(paths, "s-1")).toEqual(draft);
  });

  it("is waited for when the policy publishes the draft in the background", async () => {
    leaveDraft();
    await publishDue(paths, config);
    expect(readOutbox(paths)[0]?.draft).toMatchObject({
      content: expect.stringContaining("Branch `main`"),
      work: { branch: "main" },
    });
  });

  it("is waited for where there is no draft", () => {
    expect(draftOfFolder(config(), folder, { now: 1 }).text).toContain("Branch `main`");
  });
});
