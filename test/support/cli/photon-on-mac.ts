import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { ScriptedBridge } from "../scripted-bridge.ts";
import { macEnv, temporaryHome } from "../server-process.ts";
import { type BuiltCli, buildCli, type Outcome, runCommand, type Surroundings } from "./built-cli.ts";

export interface PhotonOnMac {
  readonly bridge: ScriptedBridge;
  /** The folder with the machine's files; its path has a space. */
  readonly home: string;
  /** `bin/photon` of the built CLI. */
  readonly script: string;
  /** Machine `mac` in project `photon`, outside any session, set up by the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The names of the files in a folder of this machine's, sorted. */
  files(folder: "outbox"): string[];
  /**
   * Writes the files of Claude Code, by default as it does when the plugin is installed and enabled.
   *
   * @param files - others, or other contents, by their path in its folder
   * @returns the folder
   */
  client(options: { readonly plugin?: string; readonly files?: Readonly<Record<string, unknown>> }): string;
  /** Runs a command in this process. */
  run(args: readonly string[], more?: Partial<Surroundings>): Promise<Outcome>;
}

/** A machine with the built CLI, and a bridge, for all tests of a file. Both are empty and working at the start of each test. */
export function photonOnMac(): PhotonOnMac {
  const home = temporaryHome();
  let bridge: ScriptedBridge;
  let cli: BuiltCli;
  beforeAll(async () => {
    bridge = await ScriptedBridge.start();
    bridge.opensSockets = true;
    cli = await buildCli();
  });
  beforeEach(async () => {
    await bridge.reset();
    for (const name of readdirSync(home.path)) rmSync(join(home.path, name), { recursive: true });
  });
  afterAll(async () => {
    await bridge.stop();
    cli.remove();
    home.remove();
  });

  const mac: PhotonOnMac = {
    get bridge() {
      return bridge;
    },
    home: home.path,
    get script() {
      return cli.script;
    },
    get env() {
      const { CLAUDE_CODE_SESSION_ID: _, ...env } = macEnv(home.path, bridge.url);
      return { ...env, CLAUDE_CONFIG_DIR: join(home.path, "claude") };
    },
    client({ plugin, files = {} }) {
      const folder = join(home.path, "claude");
      const installPath = join(folder, "plugins/cache/photon/photon", plugin ?? "0");
      if (plugin !== undefined) mkdirSync(installPath, { recursive: true });
      const entry = { scope: "user", installPath, version: plugin };
      const installed = plugin === undefined ? {} : { "photon@photon": [entry] };
      const all = {
        "settings.json": { enabledPlugins: { "photon@photon": plugin !== undefined } },
        "plugins/installed_plugins.json": { version: 2, plugins: installed },
        ...files,
      };
      for (const [path, content] of Object.entries(all)) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
      }
      return folder;
    },
    files(folder) {
      const path = join(home.path, folder);
      return existsSync(path) ? readdirSync(path).sort() : [];
    },
    run: (args, more = {}) => runCommand(args, { ...more, env: { ...mac.env, ...more.env } }),
  };
  return mac;
}
