import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { enqueue, failEntry, failureOf, isWaiting, outboxLength, readOutbox, removeEntry } from "./outbox-folder.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon outbox "));
  paths = photonPaths({ PHOTON_HOME: join(home, "not yet there") });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const draft = (content: string) => ({ content, from: "mac", id: randomUUID() });
/** For messages written before the machine knew a bridge. */
const ANY = { workerUrl: null, mustEncrypt: false };
const contents = () => readOutbox(paths).map((entry) => Reflect.get(Object(entry.draft), "content"));

describe("the outbox", () => {
  it("is empty at first", () => {
    expect(outboxLength(paths, null)).toBe(0);
    expect(readOutbox(paths)).toEqual([]);
  });

  it("returns messages in the order they were sent, even within one millisecond or after the clock was set back", () => {
    enqueue(paths, draft("one"), ANY, { now: 1_700_000_000_000 });
    enqueue(paths, draft("two"), ANY, { now: 1_700_000_000_000 });
    enqueue(paths, draft("three"), ANY, { now: 1_600_000_000_000 });
    enqueue(paths, draft("four"), ANY, { now: 1_700_000_000_005 });
    expect(contents()).toEqual(["one", "two", "three", "four"]);
    expect(readOutbox(paths)[2]?.queuedAt).toBe(1_600_000_000_000);
  });

  it("knows which messages are queued, and forgets a delivered one", () => {
    const first = draft("one");
    enqueue(paths, first, ANY);
    expect(isWaiting(paths, first.id)).toBe(true);
    for (const entry of readOutbox(paths)) removeEntry(entry);
    expect(isWaiting(paths, first.id)).toBe(false);
    expect(outboxLength(paths, null)).toBe(0);
  });

  it("keeps a refused message with its reason, without blocking the others", () => {
    const [bad, good] = [draft("bad"), draft("good")];
    enqueue(paths, bad, ANY);
    enqueue(paths, good, ANY);
    const [entry] = readOutbox(paths);
    if (!entry) throw new Error("the outbox is empty");
    failEntry(entry, "too large");
    expect(contents()).toEqual(["good"]);
    expect(failureOf(paths, bad.id)).toMatchObject({ reason: "too large", isReported: false });
    expect(failureOf(paths, good.id)).toBeNull();
  });

  it("sets a half-written file aside and reads the others", () => {
    enqueue(paths, draft("whole"), ANY);
    mkdirSync(paths.outbox, { recursive: true });
    writeFileSync(join(paths.outbox, `1600000000000-${randomUUID()}.json`), '{"v":1,"draft":{"cont');
    writeFileSync(join(paths.outbox, "note to self.txt"), "not ours");
    expect(contents()).toEqual(["whole"]);
    expect(readdirSync(paths.outbox).filter((name) => name.endsWith(".damaged"))).toHaveLength(1);
  });

  it.skipIf(process.platform === "win32")("can be read only by its owner (Windows has no modes)", () => {
    enqueue(paths, draft("secret"), ANY);
    expect(statSync(paths.outbox).mode & 0o777).toBe(0o700);
    for (const { file } of readOutbox(paths)) expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
