import { describe, expect, it } from "vitest";
import { encryptionLine } from "./encryption-line.ts";

describe("the line about a message's encryption", () => {
  it.each([
    ["null on a machine that has not joined", { encryptedFor: null, to: "pc" }, null],
    ["null if another process sent the message", { to: "pc" }, null],
    [
      "a warning if the bridge can read it",
      { encryptedFor: [], to: "box/photon" },
      /^Not encrypted.*: box has not joined/,
    ],
    [
      "a list of the other machines that can read it",
      { encryptedFor: ["mac", "pc", "box"], to: null },
      /^Encrypted for pc, box\.$/,
    ],
    [
      "a warning about recipients that cannot read it",
      { encryptedFor: ["mac", "pc"], leftOut: ["evil"], to: null },
      /^Encrypted for pc\. evil cannot read it/,
    ],
    ["short for a note to itself", { encryptedFor: ["Mac"], to: "mac/photon" }, /^Encrypted only for this machine\.$/],
    ["a warning if no other machine can read it", { encryptedFor: ["mac"], to: null }, /no other machine has joined/],
  ])("is %s", (_, delivery, line) => {
    const said = encryptionLine(delivery, "mac");
    if (line === null) expect(said).toBeNull();
    else expect(said).toMatch(line);
  });
});
