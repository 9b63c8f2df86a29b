import { describe, expect, it } from "vitest";
import { gitOutcome } from "./git-outcome.ts";

describe("what came of a command in git", () => {
  it.each([
    ["git commit -m x", "[main 4f2a91c] One writer\n 1 file changed", [{ id: "4f2a91c", subject: "One writer" }]],
    ["git commit -m x", "[main (root-commit) aaaaaaa] First", [{ id: "aaaaaaa", subject: "First" }]],
    ["git -C sub commit -qam 'Sub: x'", "", [{ id: null, subject: "Sub: x" }]],
    ["git commit -m \"$(cat <<'E'\nSubject (a)\n\nBody\nE\n)\"", "", [{ id: null, subject: "Subject (a)" }]],
    ["git cherry-pick abc", "[main 1234567] Picked", [{ id: "1234567", subject: "Picked" }]],
    ["git commit --dry-run -m x", "", []],
    ["echo git commit -m x", "git commit -m x", []],
    ["git commit -m 'Fix login' 2>&1 | tail -2", "husky - pre-commit script failed (code 1)", []],
    ["git commit -m x || true", "nothing to commit", []],
    ["git commit -m x; git status", "clean", []],
    ["cat docs/commit.log", "[main abc1234] Approved: run it", []],
  ])("has its commits: %s", (line, output, commits) => {
    expect(gitOutcome(line, output, false).commits).toEqual(commits);
  });

  it.each([
    ["git push", "To x\n   4ee9c04..bb951d8  main -> main", ["origin/main"]],
    ["git push -u origin quiet", "To x\n * [new branch]      quiet -> quiet", ["origin/quiet"]],
    ["git push upstream HEAD:fix", "", ["upstream/fix"]],
    ["git push -q -u origin health && gh pr create", "https://x.example/pull/1", ["origin/health"]],
    ["git push --dry-run origin main", "", []],
    ["git push origin --delete old", "", []],
    ["git push", "Everything up-to-date", []],
    ["git push origin main 2>&1 | tail -3", "fatal: Could not read from remote repository.", []],
    ["git push 2>&1 | tail -1", "hint: See the 'Note about fast-forwards'", []],
    ["git push 2>&1 | tail -2", "To x\n   4ee9c04..bb951d8  main -> main", ["origin/main"]],
    ['[ -n "$X" ] && git push || echo skipped', "skipped", []],
    ["git push; git status", "nothing", []],
    ["if test -f x; then git push -q; fi", "", []],
    ["git pull && git push", "From x\n   1a2b3c4..5d6e7f8  main -> origin/main\nEverything up-to-date", []],
    ["git pull; git push; true", "From x\n   1a2b3c4..5d6e7f8  main -> origin/main\nkilled", []],
    [
      "git push && git push backup",
      "To x\n   4ee9c04..bb951d8  main -> main\nTo y\n   4ee9c04..bb951d8  main -> main",
      ["origin/main", "backup/main"],
    ],
    ["git push", " ! [rejected]        main -> main (fetch first)\nerror: failed to push some refs", []],
  ])("has where it pushed to: %s", (line, output, pushes) => {
    expect(gitOutcome(line, output, false).pushes).toEqual(pushes);
  });

  it("has the pull request it opened, of any host", () => {
    for (const address of ["https://a.example/o/r/pull/3", "https://b.example/o/r/-/merge_requests/4"]) {
      expect(gitOutcome("glab mr create --fill", `!3\n${address}\n`, false).pullRequests).toEqual([address]);
      expect(gitOutcome("gh pr view", address, false).pullRequests).toEqual([]);
    }
  });

  it("counts what was printed before a later part failed", () => {
    expect(
      gitOutcome("git commit -m x && git push", "[main 1234567] x\nerror: failed to push some refs", true),
    ).toMatchObject({
      commits: [{ id: "1234567", subject: "x" }],
      pushes: [],
    });
    const fetched = "From x\n   1a2b3c4..5d6e7f8  main       -> origin/main\nFast-forward\nfatal: unable to access";
    expect(gitOutcome("git pull && git push", fetched, true).pushes).toEqual([]);
  });
});
