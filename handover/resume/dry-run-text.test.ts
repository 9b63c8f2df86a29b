import { describe, expect, it } from "vitest";
import type { AppliedCapsule, PlannedCapsule } from "../capsule/apply/apply-capsule.ts";
import { appliedText, dryRunText, undoText } from "./dry-run-text.ts";
import { type Applied, type DryRun, whyNot } from "./resume-handover.ts";

const plan: PlannedCapsule = {
  files: [{ path: "a", change: "added" }],
  runsByItself: [],
  conflicts: [],
  notHere: null,
  unfiltered: [],
  before: null,
};
const dry = (more: Partial<DryRun> = {}, bundle: Buffer | null = null): DryRun => ({
  plan,
  content: { base: null, branch: null, patch: Buffer.alloc(1), bundle },
  target: { folder: "/w/app-photon-mac", branch: "photon/mac" },
  notInFolder: null,
  notHere: null,
  hasWork: true,
  conversation: null,
  ...more,
});
const commits = Buffer.alloc(1);

describe("the dry run", () => {
  it("says for each place what becomes of unpushed commits", () => {
    expect(dryRunText(dry())).toBe(
      [
        "Applying would change 1 file (1 added):",
        "- added: a",
        "In a new folder: /w/app-photon-mac, branch photon/mac. Your work tree stays as it is.",
        "Here (--here): it applies onto the current checkout, as staged changes.",
      ].join("\n"),
    );
    expect(dryRunText(dry({}, commits))).toBe(
      [
        "Applying would change 1 file (1 added), with the unpushed commits:",
        "- added: a",
        "In a new folder: /w/app-photon-mac, branch photon/mac, with the unpushed commits. Your work tree stays as it is.",
        "Here (--here): it applies onto the current checkout, as staged changes; the unpushed commits too, as changes without their messages.",
      ].join("\n"),
    );
  });

  it("says why a place is not possible, and which filters a new folder would not run", () => {
    const unfiltered = [{ filter: "vault", why: "It is not set up on this machine." }];
    const text = dryRunText(dry({ plan: { ...plan, unfiltered }, notHere: "There is uncommitted work here." }));
    expect(text).toContain(
      "\nFiles with the filter vault are written as git stores them. It is not set up on this machine.\nHere (--here): not possible. There is uncommitted work here.",
    );
    expect(dryRunText(dry({ plan: { ...plan, unfiltered }, notInFolder: "/w cannot be written to." }))).toContain(
      "- added: a\nIn a new folder: not possible. /w cannot be written to.\nHere (--here): it applies",
    );
  });
});

describe("a place that is not possible", () => {
  const words = { here: "Use --here.", worktree: "Leave out --here." };
  const whys = { notHere: "No here.", notInFolder: "No folder." };

  it("is refused with the other place, if that one is possible", () => {
    expect(whyNot(dry(), "here", words)).toBeNull();
    expect(whyNot(dry({ notInFolder: "No folder." }), "here", words)).toBeNull();
    expect(whyNot(dry({ notHere: "No here." }), "here", words)).toBe(
      "Not applied, nothing was changed. No here. Leave out --here.",
    );
    expect(whyNot(dry({ notInFolder: "No folder." }), "worktree", words)).toBe(
      "Not applied, nothing was changed. No folder. Use --here.",
    );
    expect(whyNot(dry(whys), "worktree", words)).toBe(
      "Not applied, nothing was changed. No folder. The other place is not possible either: No here.",
    );
  });
});

describe("what was applied", () => {
  const applied = (more: Partial<Applied>): string =>
    appliedText({
      ...plan,
      folder: "/w/app",
      branch: "photon/mac",
      undo: "git undo",
      hasCommits: false,
      hasChanges: true,
      hasWork: true,
      conversation: null,
      ...more,
    });

  it("says truly what is committed", () => {
    expect(applied({})).toBe("Applied: 1 file (1 added), in /w/app, branch photon/mac. The changes are not committed.");
    expect(applied({ hasCommits: true })).toMatch(
      / The branch has the unpushed commits; the other changes are not committed\.$/,
    );
    expect(applied({ hasCommits: true, hasChanges: false })).toMatch(/ The branch has the unpushed commits\.$/);
    const here =
      "Applied: 1 file (1 added), in /w/app, onto the current checkout. The changes are staged, not committed";
    expect(applied({ branch: null })).toBe(`${here}.`);
    expect(applied({ branch: null, hasCommits: true })).toBe(`${here}; those of the unpushed commits too.`);
  });

  it("says how to convert the files of a filter that was not run, and how to undo it all", () => {
    expect(applied({ unfiltered: [{ filter: "lfs", why: "It failed: no server." }] })).toContain(
      "\nFiles with the filter lfs are written as git stores them. It failed: no server.\nTo convert such a file once its filter works: delete it, then `git checkout -- <file>`.",
    );
    expect(undoText({ undo: "git undo" } as AppliedCapsule)).toBe("To undo it, run:\n  git undo");
  });
});
