import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MessageDraft } from "../../contract/message.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { hopsOf, noteHops } from "./mail-log.ts";
import { enqueue } from "./outbox-folder.ts";
import { recentRepeat } from "./repeats.ts";
import { addSent } from "./sent-log.ts";

const ID = "10000000-0000-4000-8000-000000000001";
const OTHER = "10000000-0000-4000-8000-000000000002";
const NOW = Date.parse("2026-11-24T09:00:00.000Z");
const TEN_MINUTES_MS = 10 * 60_000;

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon repeats "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const said = { content: "Done?", to: "pc" };
const draft = { ...said, id: ID, from: "mac", project: null };

describe("a repeat", () => {
  it("is a message that was sent to the same address in the last ten minutes, ignoring case", () => {
    addSent(paths, ID, MessageDraft.parse(draft), new Date(NOW).toISOString());
    expect(recentRepeat(paths, { ...said, to: "PC" }, NOW + TEN_MINUTES_MS - 1)).toEqual({ id: ID, at: NOW });
    expect(recentRepeat(paths, said, NOW + TEN_MINUTES_MS)).toBeNull();
    expect(recentRepeat(paths, said, NOW - TEN_MINUTES_MS)).toBeNull(); // the clock was set back
  });

  it("can also be a message that is still queued", () => {
    enqueue(paths, draft, { workerUrl: null, mustEncrypt: false }, { now: NOW });
    expect(recentRepeat(paths, said, NOW)).toEqual({ id: ID, at: NOW });
  });

  it.each([{ content: "Done" }, { to: null }, { kind: "task" as const }, { replyTo: OTHER }])("is not %j", (change) => {
    enqueue(paths, draft, { workerUrl: null, mustEncrypt: false }, { now: NOW });
    expect(recentRepeat(paths, { ...said, ...change }, NOW)).toBeNull();
  });
});

describe("hops", () => {
  it("are the latest ones that a message was shown with, and 0 if it was not shown here", () => {
    noteHops(paths, [{ id: ID.toUpperCase(), hops: 3 }, { id: OTHER }]);
    expect([hopsOf(paths, ID), hopsOf(paths, OTHER)]).toEqual([3, 0]);
    noteHops(paths, [{ id: ID, hops: 4 }]);
    expect(hopsOf(paths, ID.toUpperCase())).toBe(4);
  });
});
