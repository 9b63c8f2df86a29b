import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { readOutbox } from "../../client/mail/outbox-folder.ts";
import { loadConfig } from "../../client/settings/config.ts";
import { MessageDraft } from "../../contract/message.ts";
import { readDraft } from "../draft/draft-store.ts";
import { keepDraft } from "../draft/keep-draft.ts";
import { noteOpen, type OpenSession, openSessions, wasKilled } from "../draft/open-sessions.ts";
import { publishDue } from "./publish-due.ts";

let home: string;
let folder: string;
let transcriptPath: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon due "));
  folder = join(home, "my project");
  mkdirSync(folder);
  transcriptPath = join(home, "session.jsonl");
  paths = photonPaths({ PHOTON_HOME: join(home, "photon") });
  writeFileSync(
    transcriptPath,
    ["Write the parser", "and its tests"]
      .map((content) => JSON.stringify({ type: "user", message: { role: "user", content } }))
      .join("\n"),
  );
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const SET_UP: NodeJS.ProcessEnv = {
  BRIDGE_WORKER_URL: "http://bridge.test",
  BRIDGE_API_KEY: "key",
  BRIDGE_MACHINE_ID: "mac",
};
const configWith = (env: NodeJS.ProcessEnv) => (where: string) => loadConfig({ env, paths, folder: where });
const publish = (env = SET_UP) => publishDue(paths, configWith(env));
const queued = () => readOutbox(paths).map((entry) => MessageDraft.parse(entry.draft));
/** A process that has ended; its pid is free. */
const endedPid = () => spawnSync(process.execPath, ["-e", "0"]).pid;
const open = (more: Partial<OpenSession> = {}): OpenSession => {
  const session = { session: "s-1", pid: process.pid, transcriptPath, folder, seenAt: Date.now() };
  const noted = { ...session, isDue: false, hasEnded: false, ...more };
  noteOpen(paths, noted);
  return noted;
};
const keep = (env = SET_UP) => {
  const moment = { session: "s-1", transcriptPath, folder, lastAnswer: null, isFinal: true };
  return keepDraft(paths, configWith(env)(folder), moment);
};

describe("a session that was killed", () => {
  it("has its handover published from its transcript, even if it never ended a turn", async () => {
    open({ pid: endedPid() });
    const [id] = await publish();
    expect(queued()).toMatchObject([
      { id, kind: "handover", from: "mac/my project", to: "*/my project", session: "s-1" },
    ]);
    expect(queued()[0]?.content).toContain("> Write the parser");
    expect(queued()[0]?.content).toContain("The client was killed, or it crashed.");
    expect(openSessions(paths, Date.now())).toEqual([]);
    expect(await publish()).toEqual([]);
  });

  it("has only a draft under the policy draft, and nothing under off", async () => {
    open({ pid: endedPid() });
    expect(await publish({ ...SET_UP, PHOTON_HANDOVER: "draft" })).toEqual([]);
    expect(readDraft(paths, "s-1")?.policy).toBe("draft");
    expect(openSessions(paths, Date.now())).toEqual([]);
    rmSync(paths.sessions, { recursive: true });
    open({ pid: endedPid() });
    expect(await publish({ ...SET_UP, PHOTON_HANDOVER: "off" })).toEqual([]);
    expect(readDraft(paths, "s-1")).toBeNull();
  });

  it("leaves nothing if it was trivial, or if it has neither a transcript nor a draft", async () => {
    open({ pid: endedPid(), transcriptPath: join(home, "gone.jsonl") });
    expect(await publish()).toEqual([]);
    expect(openSessions(paths, Date.now())).toEqual([]);
  });
});

describe("a session that is due", () => {
  it("is published once, and stays open if it only paused", async () => {
    expect(keep()).toBe(true);
    open({ isDue: true });
    expect(await publish()).toHaveLength(1);
    expect(openSessions(paths, Date.now())).toMatchObject([{ session: "s-1", isDue: false }]);
    expect(await publish()).toEqual([]);
  });

  it("is forgotten if it has ended", async () => {
    keep();
    open({ isDue: true, hasEnded: true });
    expect(await publish()).toHaveLength(1);
    expect(openSessions(paths, Date.now())).toEqual([]);
  });

  it("is published only if both the earlier and the current settings allow it", async () => {
    keep({ ...SET_UP, PHOTON_HANDOVER: "draft" });
    open({ isDue: true });
    expect(await publish()).toEqual([]);
    keep();
    open({ isDue: true });
    expect(await publish({ ...SET_UP, PHOTON_HANDOVER: "draft" })).toEqual([]);
    open({ isDue: true });
    expect(await publish({})).toEqual([]);
    open({ isDue: true });
    expect(await publish()).toHaveLength(1);
  });

  it("is published by one process at a time", async () => {
    keep();
    open({ isDue: true });
    const both = await Promise.all([publish(), publish()]);
    expect(both.flat()).toHaveLength(1);
    expect(queued()).toHaveLength(1);
  });

  it("carries no capsule unless the person enabled that", async () => {
    spawnSync("git", ["init", "-q", "-b", "main"], { cwd: folder });
    writeFileSync(join(folder, "parser.ts"), "export {};\n");
    keep();
    open({ isDue: true, hasEnded: true });
    await publish();
    expect(queued()[0]?.work).toEqual({ branch: "main", files: 1 });
    writeFileSync(
      transcriptPath,
      `\n${JSON.stringify({ type: "user", message: { content: "and the docs of it, too" } })}`,
      { flag: "a" },
    );
    keep();
    open({ isDue: true, hasEnded: true });
    await publish({ ...SET_UP, PHOTON_CAPSULE: "auto" });
    expect(queued()[1]?.work?.capsule).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(readdirSync(paths.outbox).filter((name) => name.endsWith(".capsule"))).toHaveLength(1);
  });
});

describe("whether a session was killed", () => {
  const HOUR_MS = 3_600_000;
  const isKilled = (seenAt: number, upMs: number, pid = process.pid) =>
    wasKilled({ pid, seenAt, transcriptPath }, Date.now(), upMs);

  it("is decided by its process, or by a restart of the machine", () => {
    const anHourAgo = Date.now() - HOUR_MS;
    expect(isKilled(anHourAgo, 2 * HOUR_MS)).toBe(false);
    expect(isKilled(anHourAgo, 2 * HOUR_MS, endedPid())).toBe(true);
    expect(isKilled(anHourAgo, 2 * HOUR_MS, 0)).toBe(true);
    expect(isKilled(anHourAgo, HOUR_MS / 2)).toBe(true);
  });

  it("is decided by a day of silence, even if another process has its pid", () => {
    const twoDaysAgo = Date.now() - 48 * HOUR_MS;
    expect(isKilled(twoDaysAgo, 100 * HOUR_MS)).toBe(false); // its transcript was written just now
    utimesSync(transcriptPath, twoDaysAgo / 1000, twoDaysAgo / 1000);
    expect(isKilled(twoDaysAgo, 100 * HOUR_MS)).toBe(true);
  });
});

it("an open session is forgotten after two weeks, and one with an invalid id is never recorded", () => {
  open({ seenAt: Date.now() - 15 * 24 * 60 * 60 * 1000 });
  open({ session: "../evil" });
  expect(openSessions(paths, Date.now())).toEqual([]);
  expect(readdirSync(paths.sessions)).toEqual(["s-1.json"]);
});
