import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { photonPaths } from "../client/disk/paths.ts";
import { newKeys, saveKeys } from "../client/machines/machine-keys.ts";
import { loadConfig } from "../client/settings/config.ts";
import { takesWork, workLine } from "./work-line.ts";

const home = mkdtempSync(join(tmpdir(), "photon work "));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const paths = photonPaths({ PHOTON_HOME: home });
const keys = await newKeys("http://bridge.test");
saveKeys(paths, keys);

const ALONG = "uncommitted and unpushed changes go along with handovers";
const ONLY = "uncommitted and unpushed changes go along only when you hand over";

describe("whether the work goes along", () => {
  it.each([
    ["joined", {}, true, `${ALONG}, encrypted.`],
    ["joined", { PHOTON_HANDOVER: "written" }, true, `${ALONG}, encrypted.`],
    ["joined", { PHOTON_CAPSULE: "auto" }, true, `${ALONG}, encrypted.`],
    ["shared key", { PHOTON_CAPSULE: "auto" }, true, `${ALONG}, not encrypted.`],
    ["shared key", {}, false, `${ONLY}: this machine has not joined, so they would not be encrypted. \`photon join\``],
    ["joined", { PHOTON_CAPSULE: "explicit" }, false, `${ONLY}. Unset PHOTON_CAPSULE`],
    ["joined", { PHOTON_HANDOVER: "written", PHOTON_CAPSULE: "explicit" }, false, `${ONLY}. Unset PHOTON_CAPSULE`],
    ["joined", { PHOTON_HANDOVER: "off" }, false, `${ONLY}: handovers are not sent by themselves. \`photon setup`],
    ["joined", { PHOTON_CAPSULE: "off" }, false, "changes stay here, also when you hand over. Unset PHOTON_CAPSULE"],
    ["joined", { PHOTON_HANDOVER: "draft" }, false, `${ONLY}: handovers are not sent by themselves. \`photon setup`],
  ])("%s, with %o: %s", (key, more, goes, line) => {
    const apiKey = key === "joined" ? keys.machineKey : "shared-key";
    const env = { BRIDGE_WORKER_URL: "http://bridge.test", BRIDGE_API_KEY: apiKey, ...more };
    const config = loadConfig({ env, paths, folder: home });
    expect(takesWork(paths, config)).toBe(goes);
    expect(workLine(paths, config)).toContain(line);
  });
});
