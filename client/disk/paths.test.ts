import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isNowhere, photonPaths } from "./paths.ts";

describe("PHOTON_HOME", () => {
  it.each([
    ["~/.photon", join(homedir(), ".photon")],
    ["~", homedir()],
    [join(homedir(), "x"), join(homedir(), "x")],
  ])("may be %s, because no shell expands it in the client's settings", (text, folder) => {
    expect(photonPaths({ PHOTON_HOME: text }).config).toBe(join(folder, "config.json"));
  });

  it.each(["photon", "./photon", "../photon", "$HOME/photon", "~bob/photon", '"/tmp/photon"'])(
    "is refused if it is %s, which would be another folder in each repository",
    (text) => {
      for (const path of Object.values(photonPaths({ PHOTON_HOME: text }))) expect(isNowhere(path)).toBe(true);
    },
  );
});
