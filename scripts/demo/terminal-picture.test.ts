import { describe, expect, it } from "vitest";
import { terminalPicture } from "./terminal-picture.ts";

const ESC = "\u001b[";
const textsOf = (svg: string) => [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" [^>]*?>([^<]*)</g)];

describe("the picture of a terminal", () => {
  it("puts every text into its column and line, with or without colours before it", () => {
    const texts = textsOf(terminalPicture(`  ${ESC}35mmac${ESC}39m   a task\n          two`, "t"));
    expect(texts.map(([, , , text]) => text)).toEqual(["mac", "a task", "two"]);
    const [mac, task, two] = texts.map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
    expect((task?.x ?? 0) - (mac?.x ?? 0)).toBeCloseTo(6 * 8.4, 1);
    expect((two?.x ?? 0) - (mac?.x ?? 0)).toBeCloseTo(8 * 8.4, 1);
    expect(mac?.y).toBe(task?.y);
    expect(two?.y).toBeGreaterThan(mac?.y ?? 0);
  });

  it("draws bold, dim and colours, and ends them where the terminal does", () => {
    const svg = terminalPicture(`${ESC}1;32mok${ESC}0m plain ${ESC}2mdim${ESC}22m  after`, "t");
    expect(svg).toMatch(/fill="#7ee787" font-weight="bold">ok</);
    expect(svg).toMatch(/fill="#868c98">dim</);
    expect(svg).toMatch(/lengthAdjust="spacingAndGlyphs">plain</);
    expect(svg).toMatch(/lengthAdjust="spacingAndGlyphs">after</);
  });

  it("is well-formed for any output", () => {
    const svg = terminalPicture('<b> & "quotes"', "a <title>");
    expect(svg).toContain(">&lt;b&gt; &amp; &quot;quotes&quot;<");
    expect(svg).toContain("<title>a &lt;title&gt;</title>");
    expect(svg).not.toContain("\u001b");
  });
});
