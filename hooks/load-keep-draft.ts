import { createRequire } from "node:module";
import type * as bundle from "./keep-draft.ts";

/** Loads the bundle next to the running hook, so that a hook that saves no draft starts faster. */
export function loadKeepDraft(): typeof bundle.keepDraft {
  const { keepDraft }: typeof bundle = createRequire(__filename)("./keep-draft.cjs");
  return keepDraft;
}
