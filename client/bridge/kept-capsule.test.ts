import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dropBytes, keepCapsule, keepQueuedCapsule, keptCapsule } from "./kept-capsule.ts";

const HOUR_MS = 60 * 60 * 1000;
const capsule = Buffer.from("the work");
let outbox: string;
beforeEach(() => {
  outbox = mkdtempSync(join(tmpdir(), "photon kept "));
});
afterEach(() => rmSync(outbox, { recursive: true, force: true }));

/** A queued message that names a hash. @returns its file */
function queue(sha256: string, ending = "json"): string {
  const file = join(outbox, `1800000000000-a.${ending}`);
  mkdirSync(outbox, { recursive: true });
  writeFileSync(file, JSON.stringify({ v: 1, draft: { work: { capsule: { sha256 } } } }));
  return file;
}
function age(name: string, ms: number): void {
  const then = new Date(Date.now() - ms);
  utimesSync(join(outbox, name), then, then);
}

describe("a kept capsule", () => {
  it.each(["json", "refused.json"])("stays while a message in the outbox names it: %s", (ending) => {
    const ref = keepCapsule({ outbox }, capsule);
    const file = queue(ref.sha256, ending);
    dropBytes({ outbox }, ref);
    expect(keptCapsule({ outbox }, ref.sha256)).toEqual(capsule);
    rmSync(file);
    dropBytes({ outbox }, ref);
    expect(readdirSync(outbox)).toEqual([]);
  });

  it("is written again if another process dropped it just before its message was queued", () => {
    const ref = keepCapsule({ outbox }, capsule);
    dropBytes({ outbox }, ref);
    queue(ref.sha256);
    keepQueuedCapsule({ outbox }, ref, capsule);
    expect(keptCapsule({ outbox }, ref.sha256)).toEqual(capsule);
  });

  it("is found after a crash in the middle of dropping it, and then stays for the message that names it", () => {
    const ref = keepCapsule({ outbox }, capsule);
    renameSync(join(outbox, `${ref.sha256}.capsule`), join(outbox, `${ref.sha256}.dropped`));
    expect(keptCapsule({ outbox }, ref.sha256)).toEqual(capsule);
  });

  it("is removed as a leftover after an hour, with its encrypted one, unless a message names it", () => {
    const left = keepCapsule({ outbox }, capsule);
    const encrypted = keepCapsule({ outbox }, Buffer.from("encrypted"));
    const wanted = keepCapsule({ outbox }, Buffer.from("other work"));
    queue(wanted.sha256);
    const note = `${left.sha256}.sealed.json`;
    writeFileSync(join(outbox, note), JSON.stringify({ v: 1, sha256: encrypted.sha256 }));
    const before = readdirSync(outbox);
    keepCapsule({ outbox }, Buffer.from("new"));
    expect(readdirSync(outbox)).toEqual(expect.arrayContaining(before));
    for (const name of before) age(name, 2 * HOUR_MS);
    const { sha256 } = keepCapsule({ outbox }, Buffer.from("new"));
    expect(readdirSync(outbox).sort()).toEqual(
      ["1800000000000-a.json", `${sha256}.capsule`, `${wanted.sha256}.capsule`].sort(),
    );
  });
});
