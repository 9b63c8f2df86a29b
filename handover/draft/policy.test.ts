import { describe, expect, it } from "vitest";
import { decideHandover, type HandoverState, PUBLISH_INTERVAL_MS } from "./policy.ts";

const NOW = 1_795_000_000_000;
const decide = (state: Partial<HandoverState>) =>
  decideHandover({
    policy: "auto",
    prompts: 3,
    edits: 2,
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
    ["is not published again when it says nothing new", "keep", { isFinal: true, isChanged: false, publishedAt: 1 }],
    ["is only kept under `draft`, even at the end", "keep", { policy: "draft", isFinal: true }],
    ["is none under `off`", "none", { policy: "off", isFinal: true }],
    ["is none when nothing was edited and but one thing asked", "none", { edits: 0, prompts: 1, isFinal: true }],
    ["is one when nothing was edited but two things asked", "publish", { edits: 0, prompts: 2 }],
    ["is one when something was edited, whoever asked", "publish", { edits: 1, prompts: 0 }],
  ])("%s", (_, decision, state) => {
    expect(decide(state)).toBe(decision);
  });
});
