import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { addShown, hopsOf, noteHops, readLog, readShown } from "./mail-log.ts";
import { addSent, readSent } from "./sent-log.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon log "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const NOW = "2026-11-23T09:00:00.000Z";
const someIds = (count: number) => Array.from({ length: count }, () => randomUUID());
const missing = (ids: readonly string[], noted: ReadonlyMap<string, number>) => ids.filter((id) => !noted.has(id));
const count = (ids: readonly string[]) =>
  noteHops(
    paths,
    ids.map((id) => ({ id, hops: 1 })),
  );
const counted = () => new Map(readLog(paths, "hops").map(([, id = ""]) => [id, 1]));
const send = (id: string, content = "hello") =>
  addSent(paths, id, { from: "mac", to: "pc", project: null, kind: "note", content, tags: [] }, NOW);

describe("the log of this machine's mail", () => {
  it("is empty at first", () => {
    expect([readShown(paths).size, counted().size, readSent(paths)]).toEqual([0, 0, []]);
  });

  it("remembers what was shown and when, without duplicates, and keeps sent messages and hops apart", () => {
    const ids = someIds(3);
    expect(addShown(paths, ids, 5)).toEqual(ids);
    expect(addShown(paths, [...ids, ...ids], 6)).toEqual([]);
    send(ids[1] ?? "");
    noteHops(paths, [{ id: ids[2] ?? "", hops: 12 }]);
    expect([...readShown(paths)]).toEqual(ids.map((id) => [id, 5]));
    expect(readSent(paths).map(({ id }) => id)).toEqual([ids[1]]);
    expect(ids.map((id) => hopsOf(paths, id))).toEqual([0, 0, 12]);
  });

  it("keeps the newest two thousand entries of each kind, however many of another kind follow, and not many more", () => {
    const [answered, sent, shown] = [someIds(2_500), someIds(2_050), someIds(12_000)];
    for (let start = 0; start < answered.length; start += 500) count(answered.slice(start, start + 500));
    for (const id of sent) send(id, "hello ".repeat(20));
    for (let start = 0; start < shown.length; start += 500) addShown(paths, shown.slice(start, start + 500));
    expect(missing(shown.slice(-2_000), readShown(paths))).toEqual([]);
    expect(missing(answered.slice(-2_000), counted())).toEqual([]);
    const newest = readSent(paths).slice(0, 2_000);
    expect(newest.map(({ id }) => id)).toEqual(sent.slice(-2_000).reverse());
    expect(readShown(paths).size).toBeLessThan(8_000);
    expect(readdirSync(paths.log).length).toBeLessThan(4);
  });

  it("skips incomplete lines of every kind, and nothing else", () => {
    const [first = "", second = "", third = ""] = someIds(3);
    addShown(paths, [first], Date.now());
    const [file = ""] = readdirSync(paths.log);
    const half = [`shown ${second.slice(0, 20)}`, `shown ${second} 17000`, `hops ${second} 12`, 'sent {"id":"a'];
    for (const line of half) appendFileSync(join(paths.log, file), `\n${line}`);
    appendFileSync(join(paths.log, file), `\n\u0000 garbage`);
    writeFileSync(join(paths.log, "notes.txt"), `shown ${second} ${Date.now()}`);
    addShown(paths, [third]);
    expect([...readShown(paths).keys()]).toEqual([first, third]);
    expect([hopsOf(paths, second), readSent(paths)]).toEqual([0, []]);
  });

  it("counts an entry once that was added twice", () => {
    const [answered, shown] = [someIds(2_000), someIds(12_000)];
    count(answered);
    const [file = ""] = readdirSync(paths.log);
    // Like a process that was suspended while another one compacted, or a crash in the middle of compacting.
    const younger = readFileSync(join(paths.log, file), "utf8").split("\n").slice(-1_000).join("\n");
    addShown(paths, shown.slice(0, 100));
    appendFileSync(join(paths.log, readdirSync(paths.log).sort().at(-1) ?? ""), `\n${younger}\n`);
    for (let start = 100; start < shown.length; start += 500) addShown(paths, shown.slice(start, start + 500));
    expect(missing(answered, counted())).toEqual([]);
    expect(readdirSync(paths.log).length).toBeLessThan(4);
  });

  it("throws if it cannot be written", () => {
    mkdirSync(home, { recursive: true });
    writeFileSync(paths.log, "a file where the folder should be");
    expect(() => addShown(paths, someIds(1))).toThrow();
    expect(readShown(paths).size).toBe(0);
  });
});
