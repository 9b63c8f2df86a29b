import { createRequire } from "node:module";
import type * as ask from "./ask-bridge.ts";
import type * as keep from "./keep-draft.ts";

// Bundles next to the running hook, loaded by the hooks that need them, so that the others start faster.

export function loadKeepDraft(): typeof keep.keepDraft {
  const { keepDraft }: typeof keep = createRequire(__filename)("./keep-draft.cjs");
  return keepDraft;
}

export function loadAskBridge(): typeof ask {
  return createRequire(__filename)("./ask-bridge.cjs");
}
