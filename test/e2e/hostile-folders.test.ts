import { existsSync, readFileSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HOSTILE_FOLDERS } from "../support/hostile-folders.ts";
import type { Machine } from "./support/machine.ts";
import { makeWorld, type World } from "./support/world.ts";

let world: World;
let mac: Machine;
beforeAll(async () => {
  world = await makeWorld();
  mac = await world.readyMachine("mac");
});
afterAll(() => world.end());

it.each(HOSTILE_FOLDERS)("a session of the real client in $name runs no program from it", async ({ make }) => {
  const mark = join(world.folder, "it-ran");
  const folder = make(join(mac.home, "hostile"), `touch '${mark}'`);
  await rm(mark, { force: true }); // creating the folder may have left it
  Object.defineProperty(mac, "project", { value: folder, configurable: true });
  const state = join(mac.home, ".claude.json");
  const known = JSON.parse(readFileSync(state, "utf8"));
  known.projects[folder] = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
  await writeFile(state, JSON.stringify(known));

  const session = await mac.say("Write a file", {
    args: ["--permission-mode", "acceptEdits"],
    model: [{ tool: "Write", input: { file_path: join(folder, "new.txt"), content: "x" } }, "Written."],
  });
  expect(session.code).toBe(0);
  expect(existsSync(join(folder, "new.txt"))).toBe(true);
  // The session was noticed, and left a draft.
  expect(session.hooks.map(({ event }) => event)).toEqual(expect.arrayContaining(["SessionStart", "Stop"]));
  expect(await readdir(join(mac.dataFolder, "sessions"))).not.toEqual([]);
  await mac.photon(["handover", "--send"]); // as a person would, in the same folder
  expect(existsSync(mark)).toBe(false);
});
