import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

describe("a transcript that is not as expected", () => {
  it("needs limited memory when calls have no results, and results no calls", () => {
    const modules = ["./facts-from-transcript.ts", "../../test/support/transcript/session-lines.ts"].map((name) =>
      import.meta.resolve(name),
    );
    const program = `
      const [{ factsFromTranscript }, { SessionLines }] = await Promise.all(${JSON.stringify(modules)}.map((name) => import(name)));
      const session = new SessionLines();
      function* lines() {
        session.prompt("goal");
        for (let count = 0; count < 25_000; count++) {
          session.calls("Bash", { command: count + "x".repeat(1_500) });
          session.fails("toolu_other_" + count, "y".repeat(3_000));
          yield* session.lines.splice(0);
        }
        session.edits("/p/last.ts");
        yield* session.lines;
      }
      console.log(factsFromTranscript(lines()).edits);
    `;
    // All together would need about 110 MB.
    const args = ["--max-old-space-size=80", "--input-type=module", "--eval", program];
    expect(execFileSync(process.execPath, args, { encoding: "utf8", env: {} })).toBe("1\n");
  });
});
