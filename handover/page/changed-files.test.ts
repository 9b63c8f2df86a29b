import { describe, expect, it } from "vitest";
import { pageOf, sectionOf } from "../../test/support/transcript/page-of.ts";
import type { SessionLines } from "../../test/support/transcript/session-lines.ts";
import type { DraftFacts } from "./render-draft.ts";

const page = (write: (session: SessionLines) => void, more: Partial<DraftFacts> = {}) =>
  pageOf((session) => {
    session.prompt("Change some files here");
    write(session);
  }, more);
const files = (write: (session: SessionLines) => void, more: Partial<DraftFacts> = {}) =>
  sectionOf(page(write, more), "Files");
const mcp = (session: SessionLines, tool: string, input: object) =>
  session.succeeds(session.calls(tool, { ...input }), "done", [{ type: "text", text: "done" }]);

describe("the files of a page", () => {
  it("are those that commands changed, newest first", () => {
    const text = files((session) => {
      session.runs("cat > site/alive.py <<'END'\ndef alive():\n    return 1 > 0\nEND");
      session.runs("sed -i 's/0.1/0.2/' setup.cfg");
      session.runs("git mv tools/copy.py old/copy.py && rm -f start.py && echo done");
      session.runs(
        "python3 - <<'P'\nname = 'site/pages.py'\ntext = open(name).read()\nopen(name, 'w').write(text.upper())\nP",
      );
    });
    expect(text).toBe(
      "- `site/pages.py` (edited)\n- `start.py` (deleted, if it was there)\n- `old/copy.py` (moved from `tools/copy.py`)\n- `setup.cfg` (edited)\n- `site/alive.py` (created)",
    );
  });

  it.each([
    [
      "mcp__zed__Edit",
      { file_path: "/home/dev/demo/a.ts", old_string: "a", new_string: "b" },
      "- `a.ts` (edited, +1 −1)",
    ],
    ["mcp__fs__write_file", { path: "/home/dev/demo/a.ts", content: "a" }, "- `a.ts` (created, +1 −0)"],
    [
      "mcp__ide__replace_text_in_file",
      { pathInProject: "a.ts", oldText: "a", newText: "b" },
      "- `a.ts` (edited, +1 −1)",
    ],
    ["mcp__code__insert_after_symbol", { relative_path: "a.ts", name_path: "x", body: "y" }, "- `a.ts` (edited)"],
    [
      "mcp__fs__move_file",
      { source: "/home/dev/demo/b.ts", destination: "/home/dev/demo/a.ts" },
      "- `a.ts` (moved from `b.ts`)",
    ],
    ["mcp__fs__delete_file", { path: "/home/dev/demo/a.ts" }, "- `a.ts` (deleted)"],
    ["mcp__fs__read_file", { path: "/home/dev/demo/a.ts" }, ""],
    ["mcp__github__create_or_update_file", { owner: "dev", repo: "demo", path: "a.ts", content: "x" }, ""],
    ["mcp__zed__Bash", { command: "echo x > a.ts" }, "- `a.ts` (created)"],
  ])("are those that a tool of a server changed: %s", (tool, input, expected) => {
    expect(files((session) => mcp(session, tool, input))).toBe(expected);
  });

  it("are those that PowerShell changed", () => {
    const text = files((session) => {
      const id = session.calls("PowerShell", { command: "Set-Content -Path a.txt -Value x; Remove-Item b.txt" });
      session.succeeds(id, "", { stdout: "", stderr: "", interrupted: false });
    });
    expect(text).toBe("- `b.txt` (deleted)\n- `a.txt` (created)");
  });

  it("are those of a subagent in the same transcript, as old clients write it", () => {
    const text = files((session) => {
      const more = { isSidechain: true };
      const id = session.calls("Write", { file_path: "/home/dev/demo/found.md", content: "x" }, more);
      session.succeeds(id, "File created", { type: "create" }, more);
    });
    expect(text).toContain("- `found.md` (created, +1 −0)");
  });

  it("are also those that only git knows, and git knows how they changed", () => {
    const since = {
      files: [
        { path: "made by a script.md", change: "created" },
        { path: "a.ts", change: "created" },
        { path: "lock.json", change: "edited" },
      ],
      commits: [],
    } as const;
    const text = files((session) => session.edits("/home/dev/demo/a.ts"), { since });
    expect(text).toBe("- `a.ts` (created, +1 −1)\n- `made by a script.md` (new)\n- `lock.json` (edited)");
  });

  it("are not denied when something may have changed", () => {
    expect(page(() => undefined)).toContain("No files changed");
    const since = { files: [{ path: "a.ts", change: "edited" as const }], commits: [] };
    expect(page(() => undefined, { since })).toContain("1 file changed");
    const may = [
      (session: SessionLines) => session.runs("./generate-all"),
      (session: SessionLines) => session.delegates("Write the guide", "It is there."),
      (session: SessionLines) => session.runs("git commit -m x", "[main 1234567] x"),
    ];
    for (const write of may) expect(page(write)).not.toContain("No files changed");
  });

  it("say what changed in them, where an edit shows it", () => {
    const text = files((session) => {
      const input = {
        file_path: "/home/dev/demo/a.ts",
        old_string: "x\ny",
        new_string: "x\nfunction total() {\n  return 1;\n}\ny",
      };
      session.succeeds(session.calls("Edit", input), "ok", { filePath: "/home/dev/demo/a.ts" });
    });
    expect(text).toBe("- `a.ts` (edited, +3 −0, `total`)");
  });

  it("include the plan, which stays on the machine", () => {
    const text = page((session) => {
      const plan = { plan: "# Tests first", filePath: "/home/dev/.claude/plans/quick-fox.md" };
      session.succeeds(session.calls("ExitPlanMode", { plan: "# Tests first" }), "approved", plan);
    });
    expect(sectionOf(text, "Files")).toBe("- `~/.claude/plans/quick-fox.md` (plan; it stays on this machine)");
    expect(text).not.toContain("No files changed");
  });

  it("are all there as long as there is room, then by folder", () => {
    const write = (count: number) => (session: SessionLines) => {
      for (let at = 0; at < count; at++)
        session.edits(`/home/dev/demo/src/pages/of-the-shop-${at % 9}/view-number-${at}.tsx`);
    };
    const few = files(write(20));
    expect(few.match(/\.tsx` \(edited/g)).toHaveLength(20);
    expect(few).toMatch(/^- `src\/pages\/of-the-shop-1\/view-number-19.tsx`/);
    const many = files(write(200));
    expect(many).toMatch(/^- `src\/pages\/of-the-shop-1\/`: `view-number-199.tsx`, .* and \d+ more$/m);
    expect(many.match(/^- `src\/pages\/of-the-shop-\d\/`/gm)).toHaveLength(9);
  });

  it("are named where they are now, if their folder was moved later, and git's folder is not a second one", () => {
    const text = files(
      (session) => {
        session.creates("/home/dev/demo/settings/a.ini");
        session.runs("mv settings legacy");
      },
      { since: { commits: [], files: [{ path: "legacy/", change: "created" }] } },
    );
    expect(text).toBe("- `legacy` (moved from `settings`)\n- `legacy/a.ini` (created)");
  });

  it("are counted, even if there are more than are remembered", () => {
    const text = page((session) => {
      for (let count = 0; count < 2_500; count++) session.creates(`/home/dev/demo/src/${count}.ts`);
    });
    expect(text).toContain("2500 files changed");
    const listed = text.match(/^- `src\//gm)?.length ?? 0;
    expect(text).toContain(`- and ${2_500 - listed} more`);
  });

  it("have counts of lines only where the calls show all that changed", () => {
    const edit = { file_path: "/home/dev/demo/a.ts", old_string: "a", new_string: "b\nc" };
    const whole = { file_path: "/home/dev/demo/a.ts", content: "a\nb\nc\n" };
    expect(files((session) => mcp(session, "mcp__zed__Edit", edit))).toBe("- `a.ts` (edited, +2 −1)");
    const then = (more: (session: SessionLines) => void) =>
      files((session) => {
        mcp(session, "mcp__zed__Edit", edit);
        more(session);
      });
    expect(then((session) => session.runs("echo x >> a.ts"))).toBe("- `a.ts` (edited)");
    expect(then((session) => mcp(session, "mcp__zed__Write", whole))).toBe("- `a.ts` (edited)");
    const created = files((session) => {
      mcp(session, "mcp__zed__Write", { ...whole, content: "a\n" });
      mcp(session, "mcp__zed__Write", whole);
    });
    expect(created).toBe("- `a.ts` (created, +3 −0)");
  });

  it("do not read the same in two work trees", () => {
    const path = "packages/portal/source/components/dropdowns/RoleDropdown.vue";
    const [first, second] = files((session) => {
      session.edits(`/home/dev/repair-the-roles/${path}`);
      session.edits(`/home/dev/repair-the-roles-again/${path}`);
    }).split("\n");
    expect(first).toContain("~/repair-the-roles-again/…/");
    expect(second).toContain("~/repair-the-roles/…/");
  });
});
