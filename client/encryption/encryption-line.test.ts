import { describe, expect, it } from "vitest";
import { encryptionLine } from "./encryption-line.ts";

describe("what a sender is told of the encryption", () => {
  it.each([
    ["nothing by a machine that has not joined", { encryptedFor: null, to: "pc" }, null],
    ["nothing where another process has sent it", { to: "pc" }, null],
    ["that the bridge can read it", { encryptedFor: [], to: "box/photon" }, /^Not encrypted.*: box has not joined/],
    ["who else can read it", { encryptedFor: ["mac", "pc", "box"], to: null }, /^Encrypted for pc, box\.$/],
    [
      "who cannot",
      { encryptedFor: ["mac", "pc"], leftOut: ["evil"], to: null },
      /^Encrypted for pc\. evil cannot read it/,
    ],
    [
      "that it is a note to itself",
      { encryptedFor: ["Mac"], to: "mac/photon" },
      /^Encrypted for this machine alone\.$/,
    ],
    ["that nobody else is there to read it", { encryptedFor: ["mac"], to: null }, /alone: no other machine has joined/],
  ])("is %s", (_, delivery, line) => {
    const said = encryptionLine(delivery, "mac");
    if (line === null) expect(said).toBeNull();
    else expect(said).toMatch(line);
  });
});
