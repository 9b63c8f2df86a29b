import { describe, expect, it } from "vitest";
import { fromNeutral, growthOf, neutralFolder, toNeutral } from "./neutral-paths.ts";

const mac = toNeutral({ folder: "/home/bob/my shop", home: "/home/bob" });
const windows = toNeutral({ folder: "C:\\Users\\Bob\\shop", home: "C:\\Users\\Bob" });
const pc = fromNeutral({ folder: "/srv/work/shop", home: "/home/al" });

describe("paths on their way to another machine", () => {
  it.each([
    ["/home/bob/my shop", "/srv/work/shop"],
    ["cat /home/bob/my shop/src/a.ts:12", "cat /srv/work/shop/src/a.ts:12"],
    ['{"file":"/home/bob/my shop/a.ts"}', '{"file":"/srv/work/shop/a.ts"}'],
    ["\\/home\\/bob\\/my shop\\/a.ts", "/srv/work/shop/a.ts"],
    ["file:///home/bob/.claude/plans/a.md.", "file:///home/al/.claude/plans/a.md."],
    ["in /home/bob/my shop.", "in /srv/work/shop."],
    ["/home/bob/my shop-old/a", "/home/al/my shop-old/a"],
  ])("%s becomes %s", (there, here) => {
    expect(pc(mac(there))).toBe(here);
  });

  it.each(["/home/bobby/x", "/mnt/home/bob/x", "/home/bob.bak/x", "https://example.com/home/bob", "/home/bob-2"])(
    "%s is another path and stays",
    (path) => {
      expect(pc(mac(path))).toBe(path);
    },
  );

  it.each([
    ["C:\\Users\\Bob\\shop\\src\\a.ts", "/srv/work/shop/src/a.ts"],
    ["c:/users/bob/shop/src/a.ts", "/srv/work/shop/src/a.ts"],
    ['{"file":"C:\\\\Users\\\\Bob\\\\shop\\\\a.ts"}', '{"file":"/srv/work/shop/a.ts"}'],
    ["C:\\Users\\Bob\\shopping\\a.ts", "/home/al/shopping/a.ts"],
  ])("from Windows, %s becomes %s", (there, here) => {
    expect(pc(windows(there))).toBe(here);
  });

  it("to Windows, they stay valid in JSON within a text", () => {
    const there = fromNeutral({ folder: "D:\\shop", home: "C:\\Users\\al" });
    expect(there(mac('{"file":"/home/bob/my shop/a.ts"}'))).toBe('{"file":"D:/shop/a.ts"}');
  });

  it("are unchanged if a folder is the root of the file system", () => {
    expect(toNeutral({ folder: "/", home: "/" })("/etc/passwd /")).toBe("/etc/passwd /");
  });

  it("are counted before they grow", () => {
    const text = mac("/home/bob /home/bob/my shop");
    expect(growthOf(text, { folder: "x".repeat(100), home: "y" })).toBe(200);
  });
});

describe("a line's working directory", () => {
  it("is in the session's folder, whatever the line says", () => {
    const here = (cwd: string) => pc(neutralFolder(mac(cwd)));
    expect(here("/home/bob/my shop/packages/a")).toBe("/srv/work/shop/packages/a");
    for (const cwd of [
      "/etc",
      "/home/bob",
      "/home/bob/my shop/../../x",
      "/home/bob/my shop/a/..",
      "",
      "/home/bob/my shop//x",
    ])
      expect(here(cwd)).toBe("/srv/work/shop");
  });
});
