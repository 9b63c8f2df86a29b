import { join } from "node:path";
import { afterEach, describe, expect, inject, it } from "vitest";
import { hasTmux, Tmux } from "../../test/support/cli/tmux.ts";

let terminal: Tmux | null = null;
afterEach(() => terminal?.close());

describe.skipIf(!hasTmux)("photon statusline at a terminal (skipped where tmux is not installed)", () => {
  it("says what it is for, instead of printing nothing", async () => {
    terminal = new Tmux([process.execPath, join(inject("programs"), "bin/photon"), "statusline"], {});
    await terminal.shows("~/.claude/settings.json");
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.screen()).toContain("`photon status` shows your unread messages.");
  });
});
