import { expect, it } from "vitest";
import { helpText } from "./help-text.ts";

it("joins the lines of a paragraph and wraps them at the width, and keeps examples as lines", () => {
  const text =
    "Reads one\nmessage.\n\nExamples:\n  photon read 3f2a9c1d\n  photon read --all\n\nThe text is\nindented.\n";
  const examples = "Examples:\n  photon read 3f2a9c1d\n  photon read --all\n";
  expect(helpText(text, 80)).toBe(`Reads one message.\n\n${examples}\nThe text is indented.\n`);
  expect(helpText("  photon send     send a message to pc\n", 30)).toBe(
    `  photon send     send a\n${" ".repeat(15)}message to pc\n`,
  );
  const example = "  photon setup --url https://photon.example.workers.dev --key-file key.txt";
  expect(helpText(`Examples:\n${example}\n`, 60)).toContain(example);
  expect(helpText(text, 12)).toContain("\nThe text is\nindented.\n");
});
