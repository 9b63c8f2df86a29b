import { describe, expect, it } from "vitest";
import { shellQuoted } from "../../handover/capsule/apply/shell-quoted.ts";
import { leadsOutside } from "../../handover/capsule/links.ts";
import { printable } from "./printable.ts";

describe("printable", () => {
  it.each([
    ["ordinary names", "src/Ärger & Spaß/日本語 🚧 (1).txt", "src/Ärger & Spaß/日本語 🚧 (1).txt"],
    ["line ends", "a\nb\r\u2028c\u0085", "a\\nb\\u{d}\\u{2028}c\\u{85}"],
    ["what a terminal obeys", "\u001b[2Jx\u009b31m\u0007", "\\u{1b}[2Jx\\u{9b}31m\\u{7}"],
    ["what turns the direction", "a\u202egpj.exe\u2066", "a\\u{202e}gpj.exe\\u{2066}"],
    [
      "what is not seen",
      "a\u200bb\u00adc\ufeffd\u{e0041}e\ufe0ff",
      "a\\u{200b}b\\u{ad}c\\u{feff}d\\u{e0041}e\\u{fe0f}f",
    ],
    ["halves of pairs", "a\ud800b", "a\\u{d800}b"],
  ])("shows %s so that nothing is hidden and nothing obeyed", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printable(shown)).toBe(shown);
  });
});

describe("leadsOutside", () => {
  const links = new Map([
    ["a/up", ".."],
    ["way", "a/b"],
    ["circle", "circle"],
    ["one", "two"],
    ["two", "one"],
    ["absolute", "/etc"],
  ]);
  it.each([
    ["link", "file", false],
    ["a/b/link", "../../file", false],
    ["a/b/link", "../../../file", true],
    ["link", "a/../../x", true],
    ["link", ".//./x", false],
    ["link", "", false],
    ["link", "/x", true],
    ["link", "\\x", true],
    ["a/link", "..\\..\\x", true],
    ["link", "c:x", true],
    ["link", "a/up/x", false],
    ["link", "a/up/../x", true],
    ["link", "way/../../x", false],
    ["link", "way/../../../x", true],
    ["link", "circle/x", false],
    ["link", "one/../../../x", false], // no file system arrives there
    ["link", "absolute/passwd", true],
  ])("%s -> %s: %s", (path, target, outside) => {
    expect(leadsOutside(path, target, { links })).toBe(outside);
  });
});

describe("shellQuoted", () => {
  it.each([
    ["/plain/path-1.x", "linux", "/plain/path-1.x"],
    ["it's $HOME `x`", "linux", "'it'\\''s $HOME `x`'"],
    ["", "linux", "''"],
    ["C:\\Users\\A B", "win32", '"C:\\Users\\A B"'],
  ] as const)("writes %j as one word on %s", (text, platform, quoted) => {
    expect(shellQuoted(text, platform)).toBe(quoted);
  });
});
