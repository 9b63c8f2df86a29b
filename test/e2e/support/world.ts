import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { StartedProcesses } from "../../../scripts/started-processes.ts";
import { Bridge, KEY } from "./bridge.ts";
import { Machine } from "./machine.ts";
import { type Model, startModel } from "./model.ts";
import { makePluginRepository } from "./plugin-repository.ts";

/** The prefix of Photon's tools in Claude Code. */
export const TOOL = "mcp__plugin_photon_photon__";

/** Permission for all of Photon's tools. */
export const ALLOWED = ["--allowedTools", "mcp__plugin_photon_photon"];

/** Everything a test file needs, in a temporary folder with a space in its path. */
export interface World {
  readonly folder: string;
  /** The git repository the plugin is installed from. */
  readonly repository: string;
  readonly bridge: Bridge;
  /** The key of the bridge. */
  readonly key: string;
  readonly model: Model;
  /** A machine with the client but without the plugin. */
  newMachine(name: string): Promise<Machine>;
  /** A machine with the plugin installed but not set up. */
  machine(name: string): Promise<Machine>;
  /** A machine that is set up by its environment. */
  readyMachine(name: string): Promise<Machine>;
  /** A joined machine: the first of the bridge, or one invited by another. */
  joinedMachine(name: string, by?: Machine): Promise<Machine>;
  end(): Promise<void>;
}

/** @param help - answers requests without tools, see {@link startModel} */
export async function makeWorld(help?: Parameters<typeof startModel>[0]): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "photon e2e "));
  const repository = await makePluginRepository(join(folder, "plugin repository"));
  const [model, bridge] = await Promise.all([startModel(help), Bridge.start(join(folder, "bridge data"))]);

  const started = new StartedProcesses(join(folder, "started-processes"));

  const newMachine = async (name: string) => {
    const made = await Machine.make(name, folder, model);
    Object.assign(made.env, started.env());
    return made;
  };
  const machine = async (name: string) => {
    const made = await newMachine(name);
    await made.install(repository);
    return made;
  };
  return {
    folder,
    repository,
    bridge,
    key: KEY,
    model,
    newMachine,
    machine,
    async readyMachine(name) {
      const made = await machine(name);
      Object.assign(made.env, { BRIDGE_WORKER_URL: bridge.url, BRIDGE_API_KEY: KEY, BRIDGE_MACHINE_ID: name });
      return made;
    },
    async joinedMachine(name, by) {
      const made = await machine(name);
      if (by === undefined) {
        await mustSucceed(made, ["setup", "--url", bridge.url, "--key-stdin", "--machine", name], KEY);
      } else {
        const { line } = Invited.parse(JSON.parse(await mustSucceed(by, ["invite", "--json"])));
        await mustSucceed(made, ["join", line, "--machine", name]);
      }
      return made;
    },
    async end() {
      await started.ended(); // such as a flush that a hook started
      await Promise.all([model.close(), bridge.stop()]);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

const Invited = z.object({ line: z.string() });

async function mustSucceed(machine: Machine, args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await machine.photon(args, input);
  if (code !== 0) throw new Error(`photon ${args[0]} ended with ${code}: ${stderr}`);
  return stdout;
}
