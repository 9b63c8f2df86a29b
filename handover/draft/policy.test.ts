import { describe, expect, it } from "vitest";
import { decideHandover, type HandoverState, PUBLISH_INTERVAL_MS } from "./policy.ts";

const NOW = 1_795_000_000_000;
const decide = (state: Partial<HandoverState>) =>
  decideHandover({
    policy: "auto",
    prompts: 3,
    edits: 2,
    startedBy: "person",
    isFinal: false,
    isChanged: true,
    publishedAt: null,
    now: NOW,
    ...state,
  });

describe("a session's handover", () => {
  it.each<[string, string, Partial<HandoverState>]>([
    ["is published at the end", "publish", { isFinal: true, publishedAt: NOW - 1 }],
    ["is published while the session works, the first time", "publish", {}],
    ["is published again ten minutes later", "publish", { publishedAt: NOW - PUBLISH_INTERVAL_MS }],
    ["is only kept before that", "keep", { publishedAt: NOW - PUBLISH_INTERVAL_MS + 1 }],
    ["is published when the clock was set back since", "publish", { publishedAt: NOW + 1 }],
    ["is not published again without news", "keep", { isFinal: true, isChanged: false, publishedAt: 1 }],
    ["is only kept under `draft`, even at the end", "keep", { policy: "draft", isFinal: true }],
    ["does not exist under `off`", "none", { policy: "off", isFinal: true }],
    ["does not exist after one prompt without an edit", "none", { edits: 0, prompts: 1, isFinal: true }],
    ["exists after two prompts without an edit", "publish", { edits: 0, prompts: 2 }],
    ["exists after an edit, even without a prompt", "publish", { edits: 1, prompts: 0 }],
    ["does not exist if a program asked and nothing changed", "none", { edits: 0, prompts: 9, startedBy: "sdk" }],
    ["exists if a program asked and something changed", "publish", { edits: 1, prompts: 1, startedBy: "sdk" }],
    ["does not exist for a program that follows other sessions", "none", { edits: 5, startedBy: "observer" }],
  ])("%s", (_, decision, state) => {
    expect(decide(state)).toBe(decision);
  });
});
