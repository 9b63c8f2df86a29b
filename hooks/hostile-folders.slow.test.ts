import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../client/disk/paths.ts";
import { buildCapsule } from "../handover/capsule/build/build-capsule.ts";
import { readDraft } from "../handover/draft/draft-store.ts";
import { type BuiltHooks, buildHooks, runBuiltHook } from "../test/support/hooks/built-hooks.ts";
import { HOSTILE_FOLDERS } from "../test/support/hostile-folders.ts";

const RECORDED = join(import.meta.dirname, "../test/fixtures/transcripts/interactive-tasks-edits.jsonl");
const NAMES = ["session-start", "stop", "session-end"] as const;

let hooks: BuiltHooks;
beforeAll(async () => {
  hooks = await buildHooks(Object.fromEntries(NAMES.map((name) => [name, `hooks/${name}.ts`])));
});
afterAll(() => hooks.remove());

let home: string;
let mark: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "photon hostile ")));
  mark = join(home, "it-ran");
  cpSync(RECORDED, join(home, "session.jsonl"));
});
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
/** No spaces in it: git's `ext` would need them escaped. */
const command = () => `touch '${mark}'`;

describe.each(HOSTILE_FOLDERS)("in $name", ({ make }) => {
  it("the hooks of a session run nothing of it, and keep what was said", async () => {
    const folder = make(home, command());
    for (const name of NAMES) {
      const { code } = await runBuiltHook(hooks.path(name), {
        env: {
          HOME: home,
          PHOTON_HOME: home,
          CLAUDE_PROJECT_DIR: folder,
          BRIDGE_MACHINE_ID: "mac",
          BRIDGE_WORKER_URL: "http://127.0.0.1:1",
          BRIDGE_API_KEY: "key-0123456789",
        },
        stdin: {
          session_id: "s-1",
          transcript_path: join(home, "session.jsonl"),
          cwd: folder,
          source: "startup",
          last_assistant_message: "All done, next: the docs.",
        },
      });
      expect({ name, code, ran: existsSync(mark) }).toEqual({ name, code: 0, ran: false });
    }
    expect(readDraft(photonPaths({ PHOTON_HOME: home }), "s-1")?.text).toContain("All done, next: the docs.");
  });

  it("handing over runs nothing of it", async () => {
    await buildCapsule(make(home, command())).catch(() => null);
    expect(existsSync(mark)).toBe(false);
  });
});

// What these folders are for: a plain git falls for those that it can.
it("plain git runs their programs", () => {
  const ran = HOSTILE_FOLDERS.map(({ make }, at) => {
    const folder = make(join(home, `${at}`), command());
    try {
      execFileSync("git", ["status"], { cwd: folder, stdio: "ignore" });
      execFileSync("git", ["diff", "HEAD"], { cwd: folder, stdio: "ignore" });
    } catch {
      // a filter that is no good ends git
    }
    const isThere = existsSync(mark);
    rmSync(mark, { force: true });
    return isThere;
  });
  expect(ran).toEqual(HOSTILE_FOLDERS.map(() => true));
});
