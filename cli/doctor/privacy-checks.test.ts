import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { photonPaths } from "../../client/disk/paths.ts";
import { privacyChecks } from "./privacy-checks.ts";

it("says on Windows that it did not check, because file modes mean nothing there", () => {
  const home = mkdtempSync(join(tmpdir(), "photon home "));
  try {
    writeFileSync(join(home, "config.json"), "{}", { mode: 0o666 });
    expect(privacyChecks(photonPaths({ PHOTON_HOME: home }), "win32")).toMatchObject([
      { name: "settings file", state: "ok" },
      { name: "privacy", state: "ok", found: expect.stringMatching(/not checked.*ACL/) },
    ]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
