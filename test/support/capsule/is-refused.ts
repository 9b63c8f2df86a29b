import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { applyHere, applyInWorktree, planCapsule } from "../../../handover/capsule/apply/apply-capsule.ts";
import type { CapsuleContent } from "../../../handover/capsule/capsule-file.ts";
import { everything, type World } from "./world.ts";

/** Expects every way of applying to be refused with nothing changed in the clone of `mac` or next to it. */
export async function isRefused(world: World, capsule: CapsuleContent, sentence = /./) {
  const pc = existsSync(join(world.folder, "pc")) ? join(world.folder, "pc") : world.clone();
  const before = { all: everything(pc), beside: readdirSync(world.folder).sort() };
  for (const attempt of [
    () => planCapsule(pc, capsule, false),
    () => applyInWorktree(pc, capsule, world.target()),
    () => applyHere(pc, capsule),
  ]) {
    const error = await attempt().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: "NotApplied", message: expect.stringMatching(sentence) });
    expect(String(error)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
  expect({ all: everything(pc), beside: readdirSync(world.folder).sort() }).toEqual(before);
}
