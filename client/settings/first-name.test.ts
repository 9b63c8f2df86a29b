import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../disk/paths.ts";
import { loadConfig } from "./config.ts";
import { defaultNameSource } from "./identity.ts";
import { presentInstallation } from "./installation.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon name "));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const SET_UP = { BRIDGE_WORKER_URL: "https://bridge.example", BRIDGE_API_KEY: "k" };
const load = (host: string, env: NodeJS.ProcessEnv = SET_UP) =>
  loadConfig({ env, paths: photonPaths({ PHOTON_HOME: home }), folder: home, computer: { id: null, host } });

describe("a machine without a name in its settings", () => {
  it("keeps the name of its first use, whatever the host is called later", () => {
    expect(load("Macs-MacBook.local").machine).toBe("Macs-MacBook");
    const later = load("dhcp-10-1-2-3.office.test");
    expect(later).toMatchObject({ machine: "Macs-MacBook", sources: { machine: "default" } });
    expect(defaultNameSource(later.machine, "dhcp-10-1-2-3")).toBe(
      "kept from the host's first name; the host is now called dhcp-10-1-2-3",
    );
    expect(load("Macs-MacBook.local").machine).toBe("Macs-MacBook");
    expect(defaultNameSource("Macs-MacBook", "Macs-MacBook")).toBe("from the host's name");
  });

  it("fixes its name only once it is set up, and a name in the settings is stronger", () => {
    expect(load("first", {}).machine).toBe("first");
    expect(presentInstallation(photonPaths({ PHOTON_HOME: home }))).toBeNull();
    expect(load("second").machine).toBe("second");
    expect(load("third", {}).machine).toBe("second");
    expect(load("third", { ...SET_UP, BRIDGE_MACHINE_ID: "laptop" }).machine).toBe("laptop");
  });
});
