import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { type Paths, photonPaths } from "../../client/disk/paths.ts";
import { type Invitation, inviteLine, newInvitation, parseInviteLine } from "../../client/machines/invite-line.ts";
import { foundMachineList, joinBridge } from "../../client/machines/join-bridge.ts";
import { newKeys, saveKeys } from "../../client/machines/machine-keys.ts";
import { saveMachineList } from "../../client/machines/machine-list-file.ts";
import { Mailbox } from "../../client/mail/mailbox.ts";
import { type Config, isSetUp, loadConfig, type ReadyConfig, whatIsMissing } from "../../client/settings/config.ts";
import { type RunningBridge, startBridge } from "../../scripts/local-bridge.ts";

const KEY = "contract-key-0123456789abcdef0123456789abcdef";

/** A machine: its settings, its files and its mailbox. */
export interface TestMachine {
  /** The environment of its processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly config: ReadyConfig;
  readonly paths: Paths;
  readonly mailbox: Mailbox;
}

export interface MachineOptions {
  readonly project?: string;
  /** Another address than the bridge's own, such as a proxy in front of it. */
  readonly url?: string;
  readonly key?: string;
}

/** The Worker in workerd on a free port, with its own data folder, and machines that use it. */
export class RealBridge {
  readonly key = KEY;
  readonly api: ApiClient;
  readonly url: string;
  readonly #folder: string;
  readonly #clients: { close(): Promise<void> }[] = [];
  #running: RunningBridge | null;

  private constructor(folder: string, running: RunningBridge) {
    this.#folder = folder;
    this.#running = running;
    this.url = running.url;
    this.api = this.client(KEY);
  }

  static async start(): Promise<RealBridge> {
    const folder = mkdtempSync(join(tmpdir(), "photon contract "));
    return new RealBridge(folder, await startBridge({ port: 0, data: join(folder, "bridge"), key: KEY }));
  }

  /** @param apiKey - null means without a key */
  client(apiKey: string | null): ApiClient {
    const client = new ApiClient({ workerUrl: this.url, apiKey });
    this.#clients.push(client);
    return client;
  }

  /** A machine, with the files of the last one of this name. */
  machine(name: string, { project = "photon", url = this.url, key = KEY }: MachineOptions = {}): TestMachine {
    const env = {
      PHOTON_HOME: join(this.#folder, name),
      BRIDGE_WORKER_URL: url,
      BRIDGE_API_KEY: key,
      BRIDGE_MACHINE_ID: name,
      BRIDGE_PROJECT: project,
    };
    const paths = photonPaths(env);
    const config = ready(loadConfig({ env, paths, folder: this.#folder }));
    const mailbox = new Mailbox(config, paths);
    this.#clients.push(mailbox);
    return { env, config, paths, mailbox };
  }

  /** Makes a machine join: as the first of the bridge, or invited by another. */
  async member(
    name: string,
    { by, owner = false, project = "photon" }: { by?: TestMachine; owner?: boolean; project?: string } = {},
  ): Promise<TestMachine> {
    const keys = await newKeys(this.url);
    const { paths } = this.machine(name, { project });
    const joining = { keys, name, paths };
    saveKeys(paths, keys);
    const machineList = by
      ? await joinBridge(this.client(null), await invite(by, owner), joining)
      : await foundMachineList(this.api, joining);
    saveMachineList(paths, this.url, { machineList, checkedAt: Date.now(), seen: [] });
    return this.machine(name, { project, key: keys.machineKey });
  }

  /** Kills workerd. Afterwards nothing listens. */
  async kill(): Promise<void> {
    await this.#running?.close();
    this.#running = null;
  }

  /** Starts it again with the same port and data. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.url).port);
    this.#running = await startBridge({ port, data: join(this.#folder, "bridge"), key: KEY });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The line that `photon invite` prints, parsed as by the joining machine. */
async function invite({ mailbox }: TestMachine, owner = false): Promise<Invitation> {
  const { membership } = mailbox;
  if (membership === null) throw new Error("Only a machine that has joined can invite.");
  const invitation = newInvitation(membership.keys.workerUrl);
  await membership.invite(invitation, owner);
  return parseInviteLine(inviteLine(invitation));
}

function ready(config: Config): ReadyConfig {
  if (!isSetUp(config)) throw new Error(`The test's machine is not set up: ${whatIsMissing(config)}`);
  return config;
}
