import { describe, expect, it } from "vitest";
import { parseSendArguments } from "./send-arguments.ts";

describe("the words behind /photon-send", () => {
  it.each([
    ['pc "hi there"', { to: "pc", content: "hi there" }],
    ["pc hi there", { to: "pc", content: "hi there" }],
    ["pc/photon look at this", { to: "pc/photon", content: "look at this" }],
    ['*/photon "pull first"', { to: "*/photon", content: "pull first" }],
    ["everyone lunch", { content: "lunch" }],
    ['pc "run the tests" --kind task', { to: "pc", content: "run the tests", kind: "task" }],
    ['pc --kind=task --tag ci "run"', { to: "pc", content: "run", kind: "task", tags: ["ci"] }],
    ['pc "run" --tag ci --tag slow', { to: "pc", content: "run", tags: ["ci", "slow"] }],
    ["pc done, thanks --reply-to 0f8f", { to: "pc", content: "done, thanks", reply_to: "0f8f" }],
  ])("are read from %s", (typed, input) => {
    expect(parseSendArguments(typed)).toEqual({ ok: true, input });
  });

  it.each([
    ["line breaks and double spaces", "pc first  line\n\n  second", "first  line\n\n  second"],
    ["an apostrophe", "pc don't stop", "don't stop"],
    ["quotes in the middle", 'pc say "hello" to it', 'say "hello" to it'],
    ["words behind quoted words", 'pc "a" and "b"', '"a" and "b"'],
    ["escaped quotes", 'pc "say \\"hello\\""', 'say "hello"'],
    ["backslashes of a Windows path", 'pc "C:\\new\\table"', "C:\\new\\table"],
    ["a quote that is not closed", 'pc "half', '"half'],
    ["curly quotes", "pc “hi there”", "hi there"],
    ["options in the middle of a sentence", "pc use --kind task when it is work", "use --kind task when it is work"],
    ["options of other programs", "pc run git commit --amend", "run git commit --amend"],
    ["what looks like an option, in quotes", 'pc "--kind task"', "--kind task"],
  ])("keep %s as typed", (_, typed, content) => {
    expect(parseSendArguments(typed)).toEqual({ ok: true, input: { to: "pc", content } });
  });

  it.each([
    ["nothing at all", ""],
    ["no text", "pc"],
    ["an empty text", 'pc "  "'],
    ["only options", "pc --kind task"],
    ["a text and no machine", '"hello"'],
    ["an option without its value", 'pc "hello" --kind'],
    ["an unknown option behind the text", 'pc "hello" --knid task'],
    ["a word behind the options", 'pc "hello" --kind task now'],
  ])("are refused when there is %s", (_, typed) => {
    expect(parseSendArguments(typed)).toMatchObject({ ok: false, problem: expect.stringMatching(/\.$/) });
  });
});
