import { describe, expect, it } from "vitest";
import { pageOf } from "../../test/support/transcript/page-of.ts";
import { plainPaths } from "./plain-paths.ts";
import { MAX_DRAFT_CHARS } from "./render-draft.ts";

describe("the room of a page", () => {
  it("is used while something is left to say, and never exceeded", () => {
    const page = pageOf((session) => {
      for (let at = 0; at < 30; at++) {
        session.prompt(`Rework the part number ${at} of the shop so that it is easier to read`);
        session.edits(`/home/dev/demo/src/part-number-${at}/index-of-the-part.ts`);
        session.runs(`git commit -m 'Part ${at}'`, `[main 10000${at}a] Part ${at}`);
        session.says("One more sentence about it. ".repeat(60));
      }
    });
    expect(page.length).toBeLessThanOrEqual(MAX_DRAFT_CHARS);
    expect(page.length).toBeGreaterThan(MAX_DRAFT_CHARS - 150);
    for (const part of [
      "Commit 1000029a “Part 29”",
      "part-number-29/",
      "Rework the part number 29",
      "One more sentence",
    ]) {
      expect(page).toContain(part);
    }
  });
});

describe("the paths of this machine", () => {
  it("are in no part of the page", () => {
    const page = pageOf((session) => {
      session.prompt("Look into /home/dev/demo/src/a.ts and /home/dev/notes.txt please");
      session.edits("/home/dev/demo/src/a.ts");
      session.failsToRun(
        "cd /home/dev/demo && npx playwright test",
        "SyntaxError: /home/dev/demo/tests/look.spec.ts: Unexpected token (12:3)",
      );
      session.says("See /home/dev/demo/src/a.ts:7, and /home/dev/other/b.ts.");
    });
    expect(page).not.toContain("/home/dev");
    expect(page).toContain("> Look into src/a.ts and ~/notes.txt please");
    expect(page).toContain("`npx playwright test`: failed, `SyntaxError: tests/look.spec.ts: Unexpected token (12:3)`");
    expect(page).toContain("> See src/a.ts:7, and ~/other/b.ts.");
  });

  it.each([
    ["C:\\Users\\dev\\demo\\a.ts and C:/Users/dev/x", "a.ts and ~/x"],
    ["/c/Users/dev/demo/a.ts, /mnt/c/Users/dev/x", "a.ts, ~/x"],
    ["https://demo.example/C:/Users/dev/demo/a", "https://demo.example/C:/Users/dev/demo/a"],
  ])("are removed in each spelling of Windows: %s", (text, plain) => {
    expect(plainPaths(text, ["C:\\Users\\dev\\demo"], ["C:\\Users\\dev"])).toBe(plain);
  });

  it.each([
    ["file:///home/dev/demo/x.html", "file://x.html"],
    ["file://localhost/home/dev/x", "file://localhost~/x"],
    ["vscode://file/home/dev/demo/a.ts:3", "vscode://filea.ts:3"],
    ["gcc -I/home/dev/inc -L/home/dev/demo/lib -isystem/home/dev/x a.c", "gcc -I~/inc -Llib -isystem~/x a.c"],
    ["--prefix/home/dev/x", "--prefix~/x"],
    ["https://demo.example/home/dev/x", "https://demo.example/home/dev/x"],
  ])("are removed from addresses of files and from options: %s", (text, plain) => {
    expect(plainPaths(text, ["/home/dev/demo"], ["/home/dev"])).toBe(plain);
  });

  it("are not taken out of longer names", () => {
    const text = "/home/devil/x, /srv/home/dev/x, /home/dev-2, /home/dev.old/x";
    expect(plainPaths(text, ["/home/dev/demo"], ["/home/dev"])).toBe(text);
  });
});
