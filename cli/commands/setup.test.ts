import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { machineFromHost } from "../../client/settings/identity.ts";
import { type RunningBridge, startBridge } from "../../scripts/local-bridge.ts";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const KEY = "setup-key-0123456789";
/** A machine without settings. */
const UNSET = { BRIDGE_WORKER_URL: "", BRIDGE_API_KEY: "", BRIDGE_MACHINE_ID: "" };

const configFile = () => join(mac.home, "config.json");
const written = () => JSON.parse(readFileSync(configFile(), "utf8"));
const setup = (flags: string[], { env = {}, stdin = `${KEY}\n` } = {}) =>
  mac.run(["setup", ...flags], { env: { ...UNSET, ...env }, stdin });

describe("photon setup", () => {
  it("writes the options and the piped key once the bridge has accepted the key, and names the next step", async () => {
    const { code, stdout, stderr } = await setup(["--url", `${mac.bridge.url}/`, "--key-stdin", "--machine", "mac"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^The bridge answers \(\d+ ms\) and accepts the key\.\nSaved to .*config\.json,/);
    expect(stdout).toContain("start a session");
    expect(written()).toEqual({ workerUrl: mac.bridge.url, apiKey: KEY, machineId: "mac" });
    expect(mac.bridge.requests.map(({ url }) => url)).toEqual(["/health", "/unread?reader=mac", "/roster"]);
    expect((await mac.run(["status"], { env: UNSET })).code).toBe(0);
  });

  it.skipIf(process.platform === "win32")(
    "makes the file readable only for its owner (Windows has no modes)",
    async () => {
      writeFileSync(configFile(), "{}", { mode: 0o644 });
      await setup(["--url", mac.bridge.url, "--key-stdin"]);
      expect(statSync(configFile()).mode & 0o777).toBe(0o600);
    },
  );

  it("also accepts the key from BRIDGE_API_KEY, and names the machine after its host", async () => {
    const { code } = await setup(["--url", mac.bridge.url], { env: { BRIDGE_API_KEY: KEY } });
    expect(code).toBe(0);
    expect(written()).toMatchObject({ apiKey: KEY, machineId: machineFromHost() });
  });

  it("changes only the given settings and keeps the others, including unknown ones", async () => {
    const before = { workerUrl: mac.bridge.url, apiKey: KEY, machineId: "mac", handover: "off", fromTheFuture: [1] };
    writeFileSync(configFile(), JSON.stringify(before));
    expect((await setup(["--machine", "mini"])).code).toBe(0);
    expect(written()).toEqual({ ...before, machineId: "mini" });
    await setup(["--handover", "draft"]);
    expect(written()).toEqual({ ...before, machineId: "mini", handover: "draft" });
  });

  it("changes what leaves this machine with one option, without a key, a question or the bridge", async () => {
    const before = { workerUrl: mac.bridge.url, apiKey: `photon_${"k".repeat(43)}`, machineId: "mac", wake: "off" };
    writeFileSync(configFile(), JSON.stringify(before));
    await mac.bridge.stop();
    for (const capsule of ["off", "explicit", "auto", "encrypted"]) {
      const { code, stdout, stderr } = await setup(["--capsule", capsule], {
        env: { PHOTON_UNATTENDED: "1" },
        stdin: "",
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("uncommitted and unpushed changes");
      expect(written()).toEqual({ ...before, capsule });
    }
    const both = ["--capsule", "off", "--handover", "draft", "--json"];
    const overridden = await setup(both, { env: { PHOTON_UNATTENDED: "1", PHOTON_CAPSULE: "auto" }, stdin: "" });
    expect(written()).toEqual({ ...before, capsule: "off", handover: "draft" });
    expect(JSON.parse(overridden.stdout)).toMatchObject({
      capsule: "auto",
      handover: "draft",
      warnings: [expect.stringMatching(/^PHOTON_CAPSULE is set .* overrides/)],
    });
  });

  it("saves the capsule policy together with the rest on a new machine, and refuses it inside Claude Code", async () => {
    expect((await setup(["--url", mac.bridge.url, "--key-stdin", "--capsule", "off"])).code).toBe(0);
    expect(written()).toMatchObject({ apiKey: KEY, capsule: "off" });
    const inside = await setup(["--capsule", "auto"], { env: { CLAUDECODE: "1", PHOTON_UNATTENDED: "1" } });
    expect(inside).toMatchObject({ code: 1, stderr: expect.stringContaining("is for a person") });
    expect(written()).toMatchObject({ capsule: "off" });
  });

  it("does not touch a damaged file until it writes, and then keeps a copy", async () => {
    writeFileSync(configFile(), '{"workerUrl": "https://fi');
    expect((await setup(["--key-stdin"])).code).toBe(2);
    expect(readFileSync(configFile(), "utf8")).toBe('{"workerUrl": "https://fi');
    const { code, stderr } = await setup(["--url", mac.bridge.url, "--key-stdin"]);
    expect(code).toBe(0);
    expect(stderr).toContain("kept as");
    expect(readFileSync(`${configFile()}.damaged`, "utf8")).toBe('{"workerUrl": "https://fi');
    expect(written().apiKey).toBe(KEY);
  });

  it("reads the key from a file, and says what is wrong with one that it cannot read", async () => {
    const file = join(mac.home, "the key");
    const from = (name: string) => setup(["--url", mac.bridge.url, "--key-file", name]);
    expect(await from(file)).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be read (ENOENT)") });
    writeFileSync(file, "\n");
    expect(await from(file)).toMatchObject({ code: 2, stderr: expect.stringContaining("the file is empty") });
    writeFileSync(file, `${KEY}\r\n`);
    expect((await from(file)).code).toBe(0);
    expect(written().apiKey).toBe(KEY);
  });

  it("never sends the key of one bridge to another", async () => {
    writeFileSync(configFile(), JSON.stringify({ workerUrl: "https://old.example", apiKey: KEY, machineId: "mac" }));
    const { code, stderr } = await setup(["--url", mac.bridge.url]);
    expect(code).toBe(2);
    expect(stderr).toContain("Missing: the key");
    expect(mac.bridge.requests).toEqual([]);
  });

  it.each([
    ["everything", [], ["the address (--url)", "the key (--key-file, --key-stdin or BRIDGE_API_KEY)"]],
    ["the address", ["--key-stdin"], ["Missing: the address (--url)."]],
  ])("says without a terminal that %s is missing, and writes nothing", async (_, flags, sentences) => {
    const { code, stdout, stderr } = await setup(flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const sentence of sentences) expect(stderr).toContain(sentence);
    expect(existsSync(configFile())).toBe(false);
  });

  it.each([
    ["an invalid address", ["--url", "bridge.example", "--key-stdin"], KEY, "web address"],
    ["a machine name with a space", ["--machine", "my mac", "--url", "https://b.example", "--key-stdin"], KEY, "name"],
    [
      "the name for everyone",
      ["--machine", "Everyone", "--url", "https://b.example", "--key-stdin"],
      KEY,
      "all machines",
    ],
    ["a key with a space", ["--url", "https://b.example", "--key-stdin"], "se cret", "key cannot contain"],
    ["an empty pipe", ["--url", "https://b.example", "--key-stdin"], "\n", "No key"],
    ["an unknown handover policy", ["--handover", "always"], KEY, "auto, written, draft, off"],
    ["an unknown capsule policy", ["--capsule", "always"], KEY, "encrypted, explicit, auto, off"],
    ["the key as an argument", ["--url", "https://b.example", "--key", KEY], KEY, "unknown option '--key' ("],
    ["the key as a flag's value", ["--url", "https://b.example", `--key=${KEY}`], KEY, "unknown option '--key' ("],
  ])("refuses %s, and writes nothing", async (_, flags, stdin, sentence) => {
    const { code, stdout, stderr } = await setup(flags, { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/setup-key|cret/);
    expect(existsSync(configFile())).toBe(false);
  });

  it.each([
    ["refuses the key", "does not accept this key"],
    ["answers garbage", "did not answer like a Photon bridge"],
  ] as const)("writes nothing if the bridge %s, except with --no-check", async (behaviour, sentence) => {
    mac.bridge.behaviour = behaviour;
    const flags = ["--url", mac.bridge.url, "--key-stdin", "--machine", "mac"];
    const { code, stdout, stderr } = await setup(flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).toContain("Nothing was written");
    expect(existsSync(configFile())).toBe(false);
    mac.bridge.requests.length = 0;
    expect((await setup([...flags, "--no-check"])).code).toBe(0);
    expect(written().apiKey).toBe(KEY);
    expect(mac.bridge.requests).toEqual([]);
  });

  it("warns if the environment overrides what it wrote", async () => {
    const { stderr } = await setup(["--url", mac.bridge.url, "--key-stdin", "--machine", "mac"], {
      env: { BRIDGE_API_KEY: "another-key", BRIDGE_MACHINE_ID: "mini" },
    });
    expect(stderr).toMatch(/BRIDGE_API_KEY .* overrides the key/);
    expect(stderr).toMatch(/BRIDGE_MACHINE_ID .* overrides the machine name/);
    expect(stderr).not.toContain("another-key");
    expect(written()).toMatchObject({ apiKey: KEY, machineId: "mac" });
  });

  it("warns about an unencrypted address that is not on this machine", async () => {
    const { stderr } = await setup(["--url", "http://bridge.example", "--key-stdin", "--no-check"]);
    expect(stderr).toContain("http://bridge.example is not encrypted");
  });

  it("prints one JSON document with --json, without the key", async () => {
    const { stdout, stderr } = await setup(["--json", "--url", mac.bridge.url, "--key-stdin", "--machine", "mac"]);
    expect(JSON.parse(stdout)).toEqual({
      file: configFile(),
      bridge: mac.bridge.url,
      machine: "mac",
      joined: false,
      checked: true,
      warnings: [],
    });
    expect(stdout + stderr).not.toContain(KEY);
  });
});

describe("photon setup against the Worker", () => {
  let bridge: RunningBridge;
  const data = mkdtempSync(join(tmpdir(), "photon setup "));
  beforeAll(async () => {
    bridge = await startBridge({ port: 0, data, key: KEY });
  });
  afterAll(async () => {
    await bridge.close();
    rmSync(data, { recursive: true, force: true });
  });

  it("writes the settings with the right key, and not with a wrong one", async () => {
    const flags = ["--url", bridge.url, "--key-stdin", "--machine", "mac"];
    const wrong = await setup(flags, { stdin: "wrong-key-0123456789" });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("does not accept this key") });
    expect(existsSync(configFile())).toBe(false);
    expect((await setup(flags)).code).toBe(0);
    const doctor = await mac.run(["doctor"], { env: UNSET });
    expect(doctor.code).toBe(0);
    expect(doctor.stdout.match(/^(?:warn|fail) +\S+/gm)).toEqual(["warn  plugin"]); // Claude Code is not part of this test
  });
});
