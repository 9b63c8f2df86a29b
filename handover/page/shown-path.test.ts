import { describe, expect, it } from "vitest";
import { shownPath } from "./shown-path.ts";

describe("shownPath", () => {
  it.each([
    ["/p/src/a.ts", ["/p"], "src/a.ts"],
    ["/p/src/a.ts", ["/other", "/p/"], "src/a.ts"],
    ["/project-two/a.ts", ["/project"], "/project-two/a.ts"],
    ["/home/dev/notes.md", ["/p"], "~/notes.md"],
    ["/p/odd\\name.ts", ["/p"], "odd\\name.ts"],
    ["/etc/hosts", ["/"], "/etc/hosts"],
    ["C:\\Code\\App\\a b.ts", ["c:/code/app"], "a b.ts"],
    ["\\\\server\\share\\app\\a.ts", ["\\\\server\\share\\app"], "a.ts"],
    ["D:\\x.ts", ["C:\\"], "D:/x.ts"],
    ["already/relative.ts", ["/p"], "already/relative.ts"],
  ])("shows %s in %j as %s", (path, roots, shown) => {
    expect(shownPath(path, roots, "/home/dev")).toBe(shown);
  });
});
