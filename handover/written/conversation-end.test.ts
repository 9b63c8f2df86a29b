import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import { conversationEnd } from "./conversation-end.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon end "));
  path = join(folder, "session.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mask = async (text: string) => (await maskSecrets(text)).text;
const write = (...lines: object[]) => writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
const prompt = (content: string) => ({ type: "user", message: { role: "user", content } });
const said = (...content: object[]) => ({ type: "assistant", message: { role: "assistant", content } });
const text = (words: string) => ({ type: "text", text: words });
const call = (id: string, name: string, input: object) => ({ type: "tool_use", id, name, input });
const result = (id: string, content: string, is_error = false) => ({
  type: "user",
  message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content, is_error }] },
  toolUseResult: {},
});
const TOKEN = ["ghp", "16C7e42F292c6912E7710c838347Ae178B4a"].join("_");

describe("the end of a conversation", () => {
  it("has what was said, and each call with the beginning of its result", async () => {
    write(
      prompt("Run the tests"),
      said(text("I run them."), call("t1", "Bash", { command: "npm test" })),
      result("t1", "1 failed\n  parser.test.ts", true),
      said(call("t2", "Edit", { file_path: "a.ts" })),
      result("t2", `ok ${"long ".repeat(400)}`),
      said(text("They pass now.")),
    );
    const end = await conversationEnd(path, mask);
    expect(end.replace(/(?:long )+/, "long ")).toBe(
      [
        "Person: Run the tests",
        "Claude: I run them.",
        "Call: Bash npm test",
        "Failed: 1 failed parser.test.ts",
        'Call: Edit {"file_path":"a.ts"}',
        "Result: ok long …",
        "Claude: They pass now.",
      ].join("\n"),
    );
    expect(end.length).toBeLessThan(700);
  });

  it("leaves out thoughts, subagents, and what the client writes in the person's name", async () => {
    write(
      prompt("Go on"),
      { ...prompt("<task-notification>done</task-notification>") },
      { ...said(text("a subagent")), isSidechain: true },
      said({ type: "thinking", thinking: "hidden" }),
      { ...prompt("a reminder"), isMeta: true },
    );
    expect(await conversationEnd(path, mask)).toBe("Person: Go on");
  });

  it("is its last part if it is long", async () => {
    write(...Array.from({ length: 3_000 }, (_, at) => prompt(`Prompt number ${at}`)));
    const end = await conversationEnd(path, mask);
    expect(end.length).toBeLessThanOrEqual(24_000);
    expect(end.length).toBeGreaterThan(20_000);
    expect(end.startsWith("Person: Prompt number 2")).toBe(true);
    expect(end.endsWith("Person: Prompt number 2999")).toBe(true);
  });

  it("has no secret, and no part of one that was cut", async () => {
    const long = `${"x ".repeat(190)}${TOKEN}`;
    write(prompt(`Use ${TOKEN}`), said(call("t1", "Bash", { command: `deploy ${TOKEN}` })), result("t1", long));
    const end = await conversationEnd(path, mask);
    expect(end).toContain("Use [a GitHub token, left out by Photon]");
    for (let at = 0; at + 8 <= TOKEN.length; at++) expect(end).not.toContain(TOKEN.slice(at, at + 8));
  });

  it("is empty without a transcript", async () => expect(await conversationEnd(path, mask)).toBe(""));
});
