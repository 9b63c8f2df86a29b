import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Paths, photonPaths } from "../paths.ts";
import { addShown, readShown } from "./mail-log.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon seen "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const someIds = (count: number) => Array.from({ length: count }, () => randomUUID());

it("is empty before anything was shown", () => {
  expect(readShown(paths).size).toBe(0);
});

it("remembers what was shown, and repeats nothing", () => {
  const ids = someIds(3);
  addShown(paths, ids);
  addShown(paths, [...ids, ...ids]);
  expect([...readShown(paths).keys()]).toEqual(ids);
});

it("keeps the newest two thousand at least, and no more than four files", () => {
  const ids = someIds(6_000);
  for (let start = 0; start < ids.length; start += 100) addShown(paths, ids.slice(start, start + 100));
  const seen = readShown(paths);
  expect(ids.slice(-2_000).every((id) => seen.has(id))).toBe(true);
  expect(readdirSync(paths.seen).length).toBeLessThan(4);
  expect(seen.size).toBeLessThanOrEqual(3_000);
});

it("loses nothing when processes add at the same time", async () => {
  const script = `
    const { addShown } = await import(process.argv[1]);
    for (const id of process.argv.slice(2)) addShown({ seen: process.env.SEEN }, [id]);`;
  const module = new URL("./mail-log.ts", import.meta.url).href;
  const batches = Array.from({ length: 4 }, () => someIds(50));
  await Promise.all(
    batches.map((ids) =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, module, ...ids], {
        env: { PATH: process.env.PATH ?? "", SEEN: paths.seen },
      }),
    ),
  );
  expect([...readShown(paths).keys()].sort()).toEqual(batches.flat().sort());
});

it("skips what is no id, half a line included, and nothing else", () => {
  const [first = "", second = "", third = ""] = someIds(3);
  addShown(paths, [first]);
  const [file = ""] = readdirSync(paths.seen);
  appendFileSync(join(paths.seen, file), `\u0000 garbage\n${second.slice(0, 20)}`);
  writeFileSync(join(paths.seen, "notes.txt"), second);
  addShown(paths, [third]);
  expect([...readShown(paths).keys()]).toEqual([first, third]);
});

it("says when it cannot be written", () => {
  mkdirSync(home, { recursive: true });
  writeFileSync(paths.seen, "a file where the folder should be");
  expect(() => addShown(paths, someIds(1))).toThrow();
  expect(readShown(paths).size).toBe(0);
});
