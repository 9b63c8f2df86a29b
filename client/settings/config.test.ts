import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { photonPaths } from "../disk/paths.ts";
import { writePrivateJson } from "../disk/private-file.ts";
import { isSetUp, loadConfig, whatIsMissing } from "./config.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon config "));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const paths = () => photonPaths({ PHOTON_HOME: home });
const load = (env: NodeJS.ProcessEnv = {}) => loadConfig({ env, paths: paths(), folder: home });

const ENVIRONMENT = {
  BRIDGE_WORKER_URL: "https://env.example",
  BRIDGE_API_KEY: "env-key",
  BRIDGE_MACHINE_ID: "env-machine",
};
/** As clients passed the options of the plugin when it still had some. */
const FORMER_OPTIONS = {
  CLAUDE_PLUGIN_OPTION_WORKER_URL: "https://option.example",
  CLAUDE_PLUGIN_OPTION_API_KEY: "option-key",
  PHOTON_OPTION_MACHINE_ID: "option-machine",
};
const FILE = { workerUrl: "https://file.example", apiKey: "file-key", machineId: "file-machine" };

describe("loadConfig", () => {
  it("reads all settings from the environment or from the file", () => {
    expect(load(ENVIRONMENT)).toMatchObject({
      workerUrl: "https://env.example",
      apiKey: "env-key",
      machine: "env-machine",
    });
    writePrivateJson(paths().config, FILE);
    expect(load()).toMatchObject({ workerUrl: "https://file.example", apiKey: "file-key", machine: "file-machine" });
    expect(isSetUp(load())).toBe(true);
  });

  it("prefers the environment to the file, and reports each source", () => {
    writePrivateJson(paths().config, FILE);
    const config = load({ BRIDGE_WORKER_URL: "https://env.example", BRIDGE_API_KEY: "env-key" });
    expect(config).toMatchObject({ workerUrl: "https://env.example", apiKey: "env-key", machine: "file-machine" });
    expect(config.sources).toMatchObject({
      workerUrl: "environment",
      apiKey: "environment",
      machine: "config file",
    });
  });

  it("reads no options of the plugin, so that a form cannot break a machine that has joined", () => {
    expect(isSetUp(load(FORMER_OPTIONS))).toBe(false);
    writePrivateJson(paths().config, FILE);
    expect(load(FORMER_OPTIONS)).toMatchObject({ ...load(), problems: [] });
  });

  const OTHER = "https://other.example";
  it.each([
    ["an address in the environment and a key in the file", FILE, { BRIDGE_WORKER_URL: OTHER }],
    ["an address in the environment and a key in a file without one", { apiKey: "k" }, { BRIDGE_WORKER_URL: OTHER }],
  ])("never uses a key for another bridge: %s", (_, file, env) => {
    writePrivateJson(paths().config, file);
    const config = load(env);
    expect(config.apiKey).toBeNull();
    expect(isSetUp(config)).toBe(false);
    expect(whatIsMissing(config)).toMatch(/address comes from .* the key from .* nothing is sent/);
  });

  it.each([
    ["the same address in both places", FILE, { BRIDGE_WORKER_URL: "https://file.example/" }, "file-key"],
    ["a key in the environment and an address in the file", FILE, { BRIDGE_API_KEY: "env-key" }, "env-key"],
  ])("accepts %s", (_, file, env, key) => {
    writePrivateJson(paths().config, file);
    expect(load(env)).toMatchObject({ workerUrl: "https://file.example", apiKey: key, problems: [] });
  });

  it("ignores blank values", () => {
    writePrivateJson(paths().config, FILE);
    expect(load({ BRIDGE_WORKER_URL: "", BRIDGE_API_KEY: "  " }).apiKey).toBe("file-key");
  });

  it("drops the trailing slash of the address and keeps its path", () => {
    expect(load({ BRIDGE_WORKER_URL: "https://env.example/" }).workerUrl).toBe("https://env.example");
    expect(load({ BRIDGE_WORKER_URL: "http://127.0.0.1:8787/photon/" }).workerUrl).toBe("http://127.0.0.1:8787/photon");
  });

  it("is not set up without an address and a key, and names what is missing", () => {
    const config = load();
    expect(isSetUp(config)).toBe(false);
    expect(whatIsMissing(config)).toContain("This machine has no bridge");
    for (const [name, value] of [
      ["BRIDGE_WORKER_URL", ENVIRONMENT.BRIDGE_WORKER_URL],
      ["BRIDGE_API_KEY", ENVIRONMENT.BRIDGE_API_KEY],
    ]) {
      const other = name === "BRIDGE_API_KEY" ? "BRIDGE_WORKER_URL" : "BRIDGE_API_KEY";
      expect(whatIsMissing(load({ [name ?? ""]: value }))).toContain(other);
    }
    expect(config.sources).toMatchObject({ workerUrl: "default", apiKey: "default", machine: "default" });
  });

  it.each([
    ["an invalid address", { ...ENVIRONMENT, BRIDGE_WORKER_URL: "bridge.example" }, /address from the environment/],
    ["an address with another protocol", { ...ENVIRONMENT, BRIDGE_WORKER_URL: "ftp://bridge.example" }, /address/],
    ["a machine name with a space", { ...ENVIRONMENT, BRIDGE_MACHINE_ID: "my mac" }, /machine name/],
    ["a key with a line break", { ...ENVIRONMENT, BRIDGE_API_KEY: "a\nb" }, /key from the environment/],
    ["a project that is a path", { ...ENVIRONMENT, BRIDGE_PROJECT: "/home/bob/x" }, /BRIDGE_PROJECT/],
    ["an unknown handover policy", { ...ENVIRONMENT, PHOTON_HANDOVER: "always" }, /handover policy/],
  ])("reports %s instead of using a weaker source", (_, env, problem) => {
    writePrivateJson(paths().config, FILE);
    const config = load(env);
    expect(isSetUp(config)).toBe(false);
    expect(whatIsMissing(config)).toMatch(problem);
  });

  it("never publishes automatically if the policy is invalid", () => {
    expect(load({ PHOTON_HANDOVER: "always" }).handover).toBe("draft");
    expect(load().handover).toBe("auto");
    expect(load({ PHOTON_HANDOVER: "written" }).handover).toBe("written");
  });

  it("never puts the key into a problem", () => {
    const config = load({ ...ENVIRONMENT, BRIDGE_API_KEY: "se cret" });
    expect(whatIsMissing(config)).not.toContain("cret");
  });

  it("reports a damaged config file and does not change it, because a person may be editing it", () => {
    writeFileSync(paths().config, '{"workerUrl": "https://fi');
    expect(isSetUp(load())).toBe(false);
    expect(isSetUp(load(ENVIRONMENT))).toBe(true);
    expect(whatIsMissing(load())).toContain("config.json is not valid JSON");
    expect(readFileSync(paths().config, "utf8")).toBe('{"workerUrl": "https://fi');
  });

  it.skipIf(process.platform === "win32")("writes files that only their owner can read (Windows has no modes)", () => {
    writePrivateJson(paths().config, FILE);
    expect(statSync(paths().config).mode & 0o777).toBe(0o600);
  });
});
