import { createRequire } from "node:module";
import type * as bundle from "./keep-draft.ts";

/** Reads the bundle beside the running hook, so that a hook with nothing to keep starts without it. */
export function loadKeepDraft(): typeof bundle.keepDraft {
  const { keepDraft }: typeof bundle = createRequire(__filename)("./keep-draft.cjs");
  return keepDraft;
}
