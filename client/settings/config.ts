import { type Computer, thisComputer } from "../disk/computer-id.ts";
import { isNowhere, type Paths } from "../disk/paths.ts";
import { machineFromHost, type ProjectMemory } from "./identity.ts";
import { presentInstallation, readInstallation } from "./installation.ts";
import { knownProject, noteProject } from "./known-projects.ts";
import type { CapsulePolicy, ConversationPolicy, HandoverPolicy } from "./policies.ts";
import { findSetting, type SettingName, type SettingProblem, type Settings, type Source } from "./settings.ts";
import { readSettingsFile } from "./settings-file.ts";

export interface Config extends Settings {
  readonly sources: Readonly<Record<SettingName, Source>>;
  readonly problems: readonly SettingProblem[];
}

/** The shape of config.json, as `photon setup` writes it. */
export interface ConfigFile {
  readonly workerUrl?: string;
  readonly apiKey?: string;
  readonly machineId?: string;
  readonly handover?: HandoverPolicy;
  readonly capsule?: CapsulePolicy;
  readonly conversation?: ConversationPolicy;
}

interface ConfigInput {
  readonly env: NodeJS.ProcessEnv;
  /** With the cache and the installation, the projects of folders and the machine's first name are remembered there. */
  readonly paths: Pick<Paths, "config"> & Partial<Pick<Paths, "cache" | "installation">>;
  /** The session's folder, which determines the project. */
  readonly folder: string;
  /** Default: the one that this process runs on. */
  readonly computer?: Computer;
}

/** Reads every setting; never throws. The result says what is missing or wrong. */
export function loadConfig({ env, paths, folder, computer = thisComputer() }: ConfigInput): Config {
  const file = readSettingsFile(paths.config);
  const places = { env, folder, file: file.value, isFileUnknown: file.problem !== null, memory: memoryIn(paths) };
  const find = <Name extends SettingName>(name: Name) => findSetting(name, places);
  const address = find("workerUrl");
  const key = find("apiKey");
  const machine = find("machine");
  const project = find("project");
  const handover = find("handover");
  const capsule = find("capsule");
  const conversation = find("conversation");

  // The key must not go to another bridge, for example if a project's settings or a forgotten shell variable set an address.
  // So the key's own source must set the same address, or no address if the one in use is from the user's own file.
  const [url] = address.places;
  const [ownKey] = key.places;
  const ofKey = address.places.find(({ source }) => source === ownKey?.source);
  const isForeign = url && ownKey && (ofKey ? ofKey.value !== url.value : url.source !== "config file");

  const found = [address, key, machine, project, handover, capsule, conversation];
  const problems: SettingProblem[] = found.flatMap(({ problem }) => problem ?? []);
  if (isForeign) {
    const sentence = `The address comes from the ${url.source}, the key from the ${ownKey.source}: nothing is sent. Set both together.`;
    problems.push({ code: "pair", sentence });
  }
  // Harmless if the address, the key and the name come from elsewhere. With another name this would be another mailbox.
  const isElsewhere = url && ownKey && machine.source !== "default" && !isNowhere(paths.config);
  if (file.problem !== null && !isElsewhere) {
    problems.push({ code: "file", sentence: file.problem });
  }

  return {
    workerUrl: address.value,
    apiKey: isForeign ? null : key.value,
    machine: machine.source === "default" ? keptName(paths, url && ownKey ? "use" : "look", computer) : machine.value,
    project: project.value,
    handover: handover.value,
    capsule: capsule.value,
    conversation: conversation.value,
    sources: {
      workerUrl: address.source,
      apiKey: key.source,
      machine: machine.source,
      project: project.source,
      handover: handover.source,
      capsule: capsule.source,
      conversation: conversation.source,
    },
    problems,
  };
}

/**
 * The name from the host at the first use. A host that is renamed later, by its network for example, must not have another,
 * empty mailbox.
 *
 * @param why - `use` creates a missing installation; `look` writes nothing
 */
function keptName({ installation }: ConfigInput["paths"], why: "use" | "look", computer: Computer): string {
  if (installation === undefined) return machineFromHost(computer.host);
  const kept =
    why === "use"
      ? readInstallation({ installation }, Date.now(), computer)
      : presentInstallation({ installation }, computer);
  return kept?.name ?? machineFromHost(computer.host);
}

function memoryIn({ cache }: ConfigInput["paths"]): ProjectMemory | undefined {
  if (cache === undefined) return undefined;
  return {
    note: (root, project) => noteProject({ cache }, root, project),
    known: (root) => knownProject({ cache }, root),
  };
}

/** A config that can reach a bridge. */
export type ReadyConfig = Config & { readonly workerUrl: string; readonly apiKey: string };

export function isSetUp(config: Config): config is ReadyConfig {
  return config.workerUrl !== null && config.apiKey !== null && config.problems.length === 0;
}

/**
 * Like {@link whatIsMissing}, as the whole reason why nothing can be sent. A settings file that exists but cannot be used
 * is not called "not set up".
 */
export function whyNotSetUp(config: Config): string {
  const sentence = whatIsMissing(config);
  return config.problems.some(({ code }) => code === "file") ? sentence : `Not set up: ${sentence}`;
}

/** Says what is missing or wrong, in sentences for a person. Only for a config that is not set up, see {@link isSetUp}. */
export function whatIsMissing(config: Config): string {
  if (config.problems.length > 0) return config.problems.map(({ sentence }) => sentence).join(" ");
  if (config.workerUrl === null && config.apiKey === null)
    return "This machine has no bridge: it was never connected to one, or it has left (`photon leave`).";
  const missing = [
    ...(config.workerUrl === null ? ["the bridge's address (BRIDGE_WORKER_URL)"] : []),
    ...(config.apiKey === null ? ["the key (BRIDGE_API_KEY)"] : []),
  ];
  return `This machine does not know ${missing.join(" and ")}.`;
}
