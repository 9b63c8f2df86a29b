import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { photonPaths } from "../../client/disk/paths.ts";
import { updateSession } from "../../client/sessions/session-state.ts";
import manifest from "../../package.json" with { type: "json" };
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();

const Report = z.object({
  checks: z.array(z.looseObject({ name: z.string(), state: z.string(), found: z.string() })),
  plugin: z.looseObject({ hooksRanAt: z.string().nullable() }),
});

async function doctor({ env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {}) {
  const { stdout } = await mac.run(["doctor", "--json"], { env, ...(cwd === undefined ? {} : { cwd }) });
  const { checks, plugin } = Report.parse(JSON.parse(stdout));
  const found = (name: string) => checks.find((check) => check.name === name);
  return { found, plugin, stdout };
}

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "photon project "));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};
const version = manifest.version;
const ON = { enabledPlugins: { "photon@photon": true } };

it("says how to install the plugin where it is not", async () => {
  const { found, plugin } = await doctor();
  expect(found("plugin")).toMatchObject({
    state: "warn",
    found: "not installed in Claude Code",
    advice: expect.stringMatching(/claude plugin marketplace add .*claude plugin install photon@photon/),
  });
  expect(plugin).toEqual({
    installed: false,
    version: null,
    enabled: false,
    folder: null,
    hooksOff: false,
    hooksRanAt: null,
  });
  expect(found("hooks")).toBeUndefined();
});

it("says from where the plugin runs and when its hooks last ran, and how to see why they never did", async () => {
  const client = mac.client({ plugin: version });
  const before = await doctor();
  const runsFrom = join(client, "plugins/cache/photon/photon", version);
  expect(before.found("plugin")).toMatchObject({
    state: "ok",
    found: `${version}, runs from ${runsFrom}, enabled`,
  });
  expect(before.found("hooks")).toMatchObject({ state: "warn", found: "have not run on this machine yet" });
  updateSession(photonPaths(mac.env), "s1", { hookRanAt: Date.now() - 5 * 60_000 });
  const { found, plugin } = await doctor();
  expect(found("hooks")).toMatchObject({ state: "ok", found: "last ran 5 min ago" });
  expect(plugin).toMatchObject({ installed: true, version, enabled: true, folder: runsFrom });
  expect(Date.now() - Date.parse(plugin.hooksRanAt ?? "")).toBeGreaterThanOrEqual(5 * 60_000);
});

it("names another version, a folder that is gone, and a plugin that is switched off", async () => {
  mac.client({ plugin: "0.0.1" });
  const other = (await doctor()).found("plugin");
  expect(other).toMatchObject({ state: "warn", advice: expect.stringContaining("claude plugin update") });
  expect(other?.found).toMatch(new RegExp(`^0\\.0\\.1, runs from .*, but this \`photon\` is ${version}$`));

  const client = mac.client({ plugin: version });
  rmSync(join(client, "plugins/cache"), { recursive: true });
  expect((await doctor()).found("plugin")).toMatchObject({
    state: "fail",
    found: expect.stringContaining("which does not exist"),
  });

  mac.client({ plugin: version, files: { "settings.json": { enabledPlugins: { "photon@photon": false } } } });
  const off = await doctor();
  expect(off.found("plugin")).toMatchObject({ state: "warn", found: expect.stringContaining("not enabled") });
  expect(off.found("hooks")).toBeUndefined();
});

it("names the folder of a marketplace that is read in place, with the version that is there", async () => {
  const clone = folder();
  mkdirSync(join(clone, ".claude-plugin"));
  mkdirSync(join(clone, "plugin/.claude-plugin"), { recursive: true });
  const listed = { plugins: [{ name: "photon", source: "./plugin" }] };
  writeFileSync(join(clone, ".claude-plugin/marketplace.json"), JSON.stringify(listed));
  writeFileSync(join(clone, "plugin/.claude-plugin/plugin.json"), '{"version":"0.0.2"}');
  const photon = { source: { source: "directory", path: clone }, installLocation: clone };
  mac.client({ plugin: version, files: { "plugins/known_marketplaces.json": { photon } } });
  const { found, plugin } = await doctor();
  expect(found("plugin")).toMatchObject({ state: "warn", advice: expect.stringContaining("`bin`") });
  expect(plugin).toMatchObject({ version: "0.0.2", folder: join(clone, "plugin") });
});

it("lets the settings of a project decide before the person's, and ignores what is installed for another project", async () => {
  const [here, elsewhere] = [folder(), folder()];
  mkdirSync(join(here, ".claude"));
  writeFileSync(join(here, ".claude/settings.local.json"), '{"enabledPlugins":{"photon@photon":false}}');
  mac.client({ plugin: version });
  expect((await doctor({ cwd: here })).plugin).toMatchObject({ installed: true, enabled: false });
  expect((await doctor({ cwd: elsewhere })).plugin).toMatchObject({ installed: true, enabled: true });

  const entry = { scope: "project", projectPath: here, version };
  const plugins = { "photon@photon": [entry] };
  mac.client({ files: { "settings.json": ON, "plugins/installed_plugins.json": { version: 2, plugins } } });
  expect((await doctor({ cwd: elsewhere })).plugin).toMatchObject({ installed: false });
  expect((await doctor({ cwd: here })).plugin).toMatchObject({ installed: true });
});

it("says that disableAllHooks switches the hooks off, and in which file", async () => {
  const client = mac.client({ plugin: version, files: { "settings.json": { ...ON, disableAllHooks: true } } });
  const { found, plugin } = await doctor();
  expect(found("hooks")).toMatchObject({
    state: "warn",
    found: expect.stringContaining(`disableAllHooks in ${join(client, "settings.json")}`),
  });
  expect(plugin).toMatchObject({ hooksOff: true });
});

it("says on a machine that is not set up that the former options of the plugin are not read, and shows none", async () => {
  const pluginConfigs = { "photon@photon": { options: { worker_url: "https://option.example" } } };
  mac.client({ plugin: version, files: { "settings.json": { ...ON, pluginConfigs } } });
  const { found, stdout } = await doctor({ env: { BRIDGE_WORKER_URL: "", BRIDGE_API_KEY: "" } });
  expect(found("plugin options")).toMatchObject({
    state: "warn",
    found: "the options that you gave the plugin are no longer read",
    advice: "run `photon setup`",
  });
  expect(stdout).not.toContain("option.example");
  expect((await doctor()).found("plugin options")).toBeUndefined();
});

it.each<[string, Readonly<Record<string, unknown>>, object]>([
  ["a byte order mark", { "settings.json": `\ufeff${JSON.stringify(ON)}` }, { installed: true, enabled: true }],
  [
    "the older format with one object for each plugin",
    { "plugins/installed_plugins.json": { version: 1, plugins: { "photon@photon": { version } } } },
    { installed: true, version, enabled: true, folder: null },
  ],
  [
    "values of other types",
    { "plugins/installed_plugins.json": { plugins: { "photon@photon": [3, null] } }, "settings.json": [] },
    { installed: false, enabled: false },
  ],
  ["a file that is not JSON", { "plugins/installed_plugins.json": "{" }, { installed: false }],
  [
    "a marketplace of another name",
    {
      "plugins/installed_plugins.json": { plugins: { "photon@mine": [{ version }], "photonic@x": [{ version: "9" }] } },
      "settings.json": { enabledPlugins: { "photon@mine": ["1.0"] } },
    },
    { installed: true, version, enabled: true },
  ],
])("reads files of Claude Code with %s", async (_, files, report) => {
  mac.client({ plugin: version, files });
  expect((await doctor()).plugin).toMatchObject(report);
});

it("names a file of Claude Code that it cannot read", async () => {
  const client = mac.client({ files: { "plugins/installed_plugins.json": "{" } });
  expect((await doctor()).found("plugin")).toMatchObject({
    state: "warn",
    found: `not known: ${join(client, "plugins/installed_plugins.json")} cannot be read`,
  });
});

it.skipIf(process.platform === "win32")(
  "does not read a project's settings from a device (Windows has none)",
  async () => {
    const cwd = folder();
    mkdirSync(join(cwd, ".claude"));
    symlinkSync("/dev/zero", join(cwd, ".claude", "settings.json"));
    const { found } = await doctor({ cwd });
    expect(found("plugin")?.found).toContain("settings.json cannot be read");
  },
);
