import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const AREAS = ["client", "handover", "screens", "cli", "server", "worker"];

/** A room with more files probably has two purposes. */
const MAX_FILES = 16;

/** It has one file for each command, so it may be larger. */
const LARGE_ROOM = "cli/commands";

interface Import {
  readonly file: string;
  readonly target: string;
}

const files = AREAS.flatMap(sourcesIn);
const folders = new Set(files.map((file) => dirname(file)));

/**
 * A room is a folder without subfolders. In a folder with subfolders, each file counts as a room of its own: either an entry
 * point above the rooms (`cli/program.ts`), or a base below them (`cli/context.ts`).
 */
function roomOf(file: string): string {
  const folder = dirname(file);
  return [...folders].some((other) => other.startsWith(`${folder}/`)) ? file : folder;
}

describe("the rooms", () => {
  it.each(AREAS)("%s/ has no cycle of imports between rooms, types included", (area) => {
    const imports = files.filter((file) => file.startsWith(`${area}/`)).flatMap(importsOf);
    expect(cycleIn(imports)).toEqual([]);
  });

  it("finds a cycle, and names the imports that close it", () => {
    const imports = [
      { file: "client/a/one.ts", target: "client/b/two.ts" },
      { file: "client/b/two.ts", target: "client/c/three.ts" },
      { file: "client/c/three.ts", target: "client/a/four.ts" },
      { file: "client/c/three.ts", target: "client/d/five.ts" },
    ];
    expect(cycleIn(imports)).toEqual([
      "client/a/one.ts imports client/b/two.ts",
      "client/b/two.ts imports client/c/three.ts",
      "client/c/three.ts imports client/a/four.ts",
    ]);
  });

  it(`have at most ${MAX_FILES} files`, () => {
    const sizes = [...folders].map((folder) => ({
      folder,
      count: files.filter((file) => dirname(file) === folder).length,
    }));
    const large = sizes.filter(({ folder, count }) => count > MAX_FILES && folder !== LARGE_ROOM);
    expect(large).toEqual([]);
  });
});

/** The imports of the shortest cycle; empty if there is no cycle. */
function cycleIn(imports: readonly Import[]): string[] {
  const leaving = new Map<string, Import[]>();
  for (const each of imports) {
    const room = roomOf(each.file);
    if (room !== roomOf(each.target)) leaving.set(room, [...(leaving.get(room) ?? []), each]);
  }
  const ways = [...leaving.keys()].map((room) => wayBackTo(room, leaving)).filter((way) => way.length > 0);
  const [shortest = []] = ways.sort((a, b) => a.length - b.length);
  return shortest.map(({ file, target }) => `${file} imports ${target}`);
}

function wayBackTo(start: string, leaving: ReadonlyMap<string, readonly Import[]>): readonly Import[] {
  const seen = new Set<string>();
  let ways: (readonly Import[])[] = [[]];
  while (ways.length > 0) {
    ways = ways.flatMap((way) => {
      const last = way.at(-1);
      const room = last === undefined ? start : roomOf(last.target);
      if (last !== undefined && seen.has(room)) return [];
      if (last !== undefined) seen.add(room);
      return (leaving.get(room) ?? []).map((next) => [...way, next]);
    });
    const back = ways.find((way) => roomOf(way.at(-1)?.target ?? "") === start);
    if (back) return back;
  }
  return [];
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(import.meta.dirname, "..", file), "utf8");
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g)].map(([, path = ""]) => ({
    file,
    target: normalize(join(dirname(file), path)).replaceAll("\\", "/"),
  }));
}

function sourcesIn(area: string): string[] {
  return readdirSync(join(import.meta.dirname, "..", area), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => `${area}/${name.replaceAll("\\", "/")}`);
}
